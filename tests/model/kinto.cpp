#include "model/kinto.hpp"

#include "model/answers.hpp"
#include "model/backend.hpp"
#include "model/containers.hpp"
#include "model/router.hpp"

#include <boost/json/serialize.hpp>

#include <exception>

namespace kinto_mirror::model {

Kinto::Kinto(Options options, ClockOfServer clock)
    : server_{std::move(options), std::move(clock), {}, {}, 0, {}, {}} {}

http::Response Kinto::run(const http::Request& request, Unit& unit) {
  http::Response response;
  try {
    response = dispatch(server_, unit, request);
    if (response.status < 300) finish(server_, unit);
  } catch (Raised& raised) {
    response = std::move(raised.response);
  } catch (const std::exception&) {
    response = broken();
  }
  const bool failed = response.status >= 300;
  if (failed && !server_.on_memory()) server_.store.roll_back();
  return response;
}

http::Response Kinto::read(const http::Request& request) {
  std::string question;
  append_question(question, request.method, request.target);
  append_headers(question, request.headers);
  question += request.body;
  const std::uint64_t version = server_.store.version();
  const std::uint64_t serial = server_.serial;
  const auto* const known = server_.remembered.find(question, {version, server_.clock()});
  if (known != nullptr) return *known;
  Unit unit;
  http::Response response = run(request, unit);
  const bool changed = server_.store.version() != version || server_.serial != serial;
  if (!changed && !unit.passing && response.status != 400) {
    server_.remembered.keep(std::move(question), response);
  }
  return response;
}

void Kinto::decorate(const http::Request& request, http::Response& response) {
  const Options& options = server_.options;
  if (options.end_of_life != EndOfLife::none) {
    json::object alert;
    alert["code"] = options.end_of_life == EndOfLife::soft ? "soft-eol" : "hard-eol";
    alert["message"] = options.end_message;
    alert["url"] = options.end_url;
    set_header(response, "Alert", json::serialize(alert));
  }
  if (options.backoff_s) set_header(response, "Backoff", std::to_string(*options.backoff_s));
  if (request.method == "HEAD") response.body.clear();
  set_header(response, "Date", http_date(server_.clock()));
}

http::Response Kinto::answer(const http::Request& request) {
  http::Response response;
  if (server_.options.end_of_life == EndOfLife::hard) {
    response = fault({410,
                      202,
                      "Gone",
                      "The service you are trying to connect no longer exists at this location.",
                      {}});
  } else {
    const bool may_read =
        request.method == "GET" || request.method == "HEAD" || request.target == "/v1/batch";
    Unit unit;
    response = may_read ? read(request) : run(request, unit);
    server_.store.commit();
  }
  decorate(request, response);
  return response;
}

Kinto::Held Kinto::hold(const http::Request& request) {
  Open open;
  Unit unit;
  open.response = run(request, unit);
  decorate(request, open.response);
  open.changes = server_.store.take_back();
  held_.emplace(++last_held_, std::move(open));
  return last_held_;
}

http::Response Kinto::commit(Held held) {
  const auto found = held_.find(held);
  if (found == held_.end()) return broken();
  Open open = std::move(found->second);
  held_.erase(found);
  for (const Change& change : open.changes) {
    const auto* const object = std::get_if<ObjectChange>(&change);
    const Shelf* const shelf = object == nullptr ? nullptr : server_.store.shelf(object->place);
    if (shelf == nullptr || !object->value || server_.on_memory()) continue;
    const auto taken = shelf->by_stamp.lower_bound({object->value->stamp, ""});
    if (taken != shelf->by_stamp.end() && taken->first == object->value->stamp &&
        taken->second != object->id) {
      return conflict(server_.options);
    }
  }
  for (Change& change : open.changes) server_.store.change(std::move(change));
  server_.store.commit();
  return std::move(open.response);
}

void Kinto::purge_deleted(const std::string& parent_pattern) {
  purge_tombstones(server_, parent_pattern);
  server_.store.commit();
}

void Kinto::restart() {
  held_.clear();
  if (!server_.on_memory()) return;
  server_.store.clear();
  server_.tokens.clear();
}

}  // namespace kinto_mirror::model
