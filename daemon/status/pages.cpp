#include "daemon/status/pages.hpp"

#include "daemon/query.hpp"
#include "daemon/status/metrics.hpp"
#include "daemon/status/people_page.hpp"
#include "daemon/status/status_json.hpp"
#include "daemon/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

constexpr auto json_type = "application/json";
constexpr auto metrics_type = "text/plain; version=0.0.4; charset=utf-8";

Page refusal(int status, std::string_view message) {
  json::object out;
  out["code"] = status;
  out["message"] = to_valid_utf8(message);
  return {status, json_type, json::serialize(out) + "\n"};
}

}  // namespace

Pages::Pages(const Clock& clock, Heartbeat& heartbeat, Look look, const History& history,
             BuildInfo build, SecretGuard guard)
    : clock_(clock),
      heartbeat_(heartbeat),
      look_(std::move(look)),
      history_(history),
      build_(std::move(build)),
      guard_(std::move(guard)),
      people_(people_page()) {}

Task<Page> Pages::get(PageRequest request) {
  const std::string& path = request.path;
  if (path == "/__heartbeat__") {
    const Health health = co_await heartbeat_.health();
    co_return Page(health.ok() ? 200 : 503, json_type, guard_.clean(heartbeat_json(health)));
  }
  if (path == "/__lbheartbeat__") co_return Page(200, json_type, "{\"status\": \"ok\"}\n");
  if (path == "/__version__") co_return Page(200, json_type, build_.json);
  if (path == "/") co_return people_;
  if (path == "/status") co_return status_of(request.query);
  if (path == "/history") co_return made(path, "", &Pages::past);
  if (path == "/metrics") co_return made(path, "", &Pages::metrics);
  co_return refusal(404,
                    "there are /, /status, /history, /metrics, /__heartbeat__, /__lbheartbeat__ "
                    "and /__version__");
}

// Parameters that are unknown are left alone.
Page Pages::status_of(const std::string& query) {
  const auto pairs = read_query(query);
  if (!pairs) return refusal(400, "/status: " + pairs.error().message);
  for (const auto& [name, value] : *pairs) {
    if (name == "collection") return made("/status?collection", value, &Pages::collection);
  }
  return made("/status", "", &Pages::status);
}

const Page& Pages::made(const std::string& path, const std::string& of,
                        Page (Pages::*make)(const std::string&) const) {
  Made& known = made_[path];
  const Instant begin = clock_.now();
  if (!known.page.body || known.of != of || begin >= known.good_until) {
    known.of = of;
    known.page = (this->*make)(of);
    const Instant end = clock_.now();
    known.good_until = end + std::max(keep, 20 * (end - begin));
  }
  return known.page;
}

Page Pages::status(const std::string& /*none*/) const {
  return {200, json_type, guard_.clean(status_json(look_(std::nullopt)))};
}

Page Pages::collection(const std::string& name) const {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) {
    return refusal(404, "\"" + guard_.clean(name) +
                            "\" names no collection: give /status?collection=BUCKET/COLLECTION");
  }
  const Snapshot snapshot = look_(CollectionId(name.substr(0, slash), name.substr(slash + 1)));
  const bool known = std::ranges::any_of(
      snapshot.replicas, [](const ReplicaStatus& replica) { return !replica.collections.empty(); });
  if (known) return {200, json_type, guard_.clean(status_json(snapshot))};
  return refusal(404, "no collection " + guard_.clean(name) +
                          " is followed on any replica: /status names those that are");
}

Page Pages::metrics(const std::string& /*none*/) const {
  return {200, metrics_type, metrics_text(look_(std::nullopt), build_.commit)};
}

Page Pages::past(const std::string& /*none*/) const {
  return {200, json_type, history_.json(clock_.wall())};
}

}  // namespace kinto_mirror::daemon
