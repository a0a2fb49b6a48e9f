#include "daemon/control/orders.hpp"

#include "daemon/query.hpp"
#include "daemon/text.hpp"
#include "daemon/values.hpp"
#include "http/url.hpp"
#include "sync/decide/scope.hpp"

#include <boost/json.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

constexpr auto order_names = std::to_array<std::pair<Verb, std::string_view>>({
    {Verb::audit, "audit"},
    {Verb::pause, "pause"},
    {Verb::resume, "resume"},
    {Verb::release, "release"},
    {Verb::sync, "sync"},
    {Verb::reload, "reload"},
});

constexpr std::int64_t longest_timeout = 86'400'000;

Error no_order(std::string message) {
  return {Errc::rejected, std::move(message)};
}

Result<void> take(std::string_view name, const std::string& value, Order& order) {
  if (name == "collections") {
    auto patterns = parse_patterns(order.verb, value);
    if (!patterns) return no_order("collections: " + value + " " + patterns.error().message);
    order.patterns = std::move(*patterns);
    return success();
  }
  if (name == "timeout" && order.verb == Verb::sync) {
    const auto timeout = parse_integer(value, 0, longest_timeout);
    if (!timeout) return no_order("timeout: " + timeout.error().message);
    order.timeout = Millis{*timeout};
    return success();
  }
  return no_order("there is no parameter " + std::string(name));
}

}  // namespace

bool is_order(Verb verb) noexcept {
  return std::ranges::find(order_names, verb, &std::pair<Verb, std::string_view>::first) !=
         order_names.end();
}

std::string_view name_of(Verb verb) noexcept {
  const auto* const found =
      std::ranges::find(order_names, verb, &std::pair<Verb, std::string_view>::first);
  return found == order_names.end() ? "" : found->second;
}

std::optional<Verb> order_called(std::string_view name) noexcept {
  const auto* const found =
      std::ranges::find(order_names, name, &std::pair<Verb, std::string_view>::second);
  return found == order_names.end() ? std::nullopt : std::optional(found->first);
}

Result<std::vector<std::string>> parse_patterns(Verb verb, std::string_view text) {
  auto patterns = parse_collections(text);
  if (!patterns) return no_order(patterns.error().message);
  const bool some_out = std::ranges::any_of(*patterns, sync::takes_out_of_scope);
  if (some_out) return no_order("takes something out; say what is meant, without !");
  const bool named = patterns->size() == 1 && !sync::has_wildcard(patterns->front());
  if (verb == Verb::release && !named) {
    return no_order("is not one collection; accepted: BUCKET/COLLECTION, without wildcards");
  }
  return patterns;
}

std::string target_of(const Order& order) {
  std::string target = "/" + std::string(name_of(order.verb));
  if (order.verb == Verb::reload) return target;
  target +=
      "?collections=" + http::percent_encode(fmt::format("{}", fmt::join(order.patterns, ",")));
  if (order.verb == Verb::sync) target += "&timeout=" + std::to_string(order.timeout.count());
  return target;
}

Result<Order> read_order(std::string_view path, std::string_view query) {
  Order order;
  const auto verb = order_called(path.starts_with('/') ? path.substr(1) : "");
  if (!verb) {
    return Error(Errc::not_found,
                 "there are POST /audit, /pause, /resume, /release, /sync and /reload");
  }
  order.verb = *verb;
  const auto pairs = read_query(query);
  if (!pairs) return pairs.error();
  for (const auto& [name, value] : *pairs) {
    auto taken = take(name, value, order);
    if (!taken) return taken.error();
  }
  const bool named = !sync::has_wildcard(order.patterns.front());
  if (order.verb == Verb::release && !named) return no_order("collections names no collection");
  return order;
}

std::string answer_json(const Answer& answer) {
  json::array collections;
  for (const std::string& id : answer.collections) collections.emplace_back(to_valid_utf8(id));
  json::object out;
  out["ok"] = answer.exit == ExitCode::ok;
  out["exit"] = to_int(answer.exit);
  out["message"] = to_valid_utf8(answer.message);
  out["collections"] = std::move(collections);
  return json::serialize(out) + "\n";
}

std::optional<Answer> read_answer(std::string_view body) {
  boost::system::error_code error;
  const json::value parsed = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !parsed.is_object()) return std::nullopt;
  const json::value* const exit = parsed.get_object().if_contains("exit");
  const json::value* const message = parsed.get_object().if_contains("message");
  if (exit == nullptr || !exit->is_int64() || message == nullptr || !message->is_string()) {
    return std::nullopt;
  }
  constexpr std::int64_t most = 255;  // of what a process exits with
  if (exit->get_int64() < 0 || exit->get_int64() > most) return std::nullopt;
  Answer answer;
  answer.exit = static_cast<ExitCode>(exit->get_int64());
  answer.message = std::string(message->get_string());
  return answer;
}

}  // namespace kinto_mirror::daemon
