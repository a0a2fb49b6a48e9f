#include "model/answers.hpp"

#include "model/printing.hpp"
#include "model/stamps.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <utility>

namespace kinto_mirror::model {

namespace json = boost::json;

http::Response text_answer(int status, std::string body, http::Headers headers) {
  constexpr std::size_t more = 4;  // that are set later: Alert, Backoff, Date
  http::Response response;
  response.status = status;
  response.headers.reserve(headers.size() + more);
  response.headers.emplace_back("Content-Type", "application/json");
  std::ranges::move(headers, std::back_inserter(response.headers));
  response.body = std::move(body);
  return response;
}

http::Response json_answer(int status, const json::object& body) {
  std::string text;
  append_object(text, body);
  return text_answer(status, std::move(text));
}

http::Response fault(const Fault& fault) {
  json::object body;
  body["code"] = fault.status;
  body["errno"] = fault.number;
  body["error"] = fault.title;
  if (!fault.message.empty()) body["message"] = fault.message;
  if (!fault.details.empty()) body["details"] = fault.details;
  return json_answer(fault.status, body);
}

http::Response forbidden() {
  return fault({403, 121, "Forbidden", "This user cannot access this resource.", {}});
}

http::Response unauthorized() {
  http::Response response =
      fault({401, 104, "Unauthorized", "Please authenticate yourself to use this endpoint.", {}});
  set_header(response, "WWW-Authenticate", "Basic realm=\"Realm\"");
  return response;
}

http::Response unknown_page() {
  return fault({404, 111, "Not Found", "The resource you are looking for could not be found.", {}});
}

http::Response unknown_version() {
  return fault(
      {404, 116, "Not Found", "The requested API version is not available on this server.", {}});
}

http::Response method_not_allowed() {
  return fault({405, 115, "Method Not Allowed", "Method not allowed on this endpoint.", {}});
}

http::Response unavailable(const Options& options, std::string_view message) {
  http::Response response =
      fault({503,
             201,
             "Service Unavailable",
             message.empty() ? "Service temporary unavailable due to overloading or maintenance, "
                               "please retry later."
                             : std::string(message),
             {}});
  set_header(response, "Retry-After", std::to_string(options.retry_after_s));
  return response;
}

http::Response conflict(const Options& options) {
  http::Response response =
      fault({409, 122, "Conflict", "Integrity constraint violated, please retry.", {}});
  set_header(response, "Retry-After", std::to_string(options.retry_after_s));
  return response;
}

http::Response broken() {
  json::object body;
  body["code"] = 500;
  body["errno"] = 999;
  body["error"] = "Internal Server Error";
  body["message"] = "A programmatic error occurred, developers have been informed.";
  body["info"] = "https://github.com/Kinto/kinto/issues/";
  return json_answer(500, body);
}

http::Response invalid(std::vector<Invalid> errors) {
  std::ranges::stable_sort(errors, {},
                           [](const Invalid& one) { return one.name.value_or("None"); });
  const Invalid& first = errors.front();
  std::string message = first.location + ": " + first.description;
  if (first.name) {
    message = first.description.find(*first.name) != std::string::npos
                  ? first.description
                  : *first.name + " in " + first.location + ": " + first.description;
  }
  json::array details;
  for (const Invalid& one : errors) {
    json::object detail;
    detail["location"] = one.location;
    if (one.name) {
      detail["name"] = *one.name;
    } else {
      detail["name"] = nullptr;
    }
    detail["description"] = one.description;
    details.push_back(std::move(detail));
  }
  json::object body;
  body["code"] = 400;
  body["errno"] = 107;
  body["error"] = "Invalid parameters";
  body["message"] = message;
  body["details"] = std::move(details);
  return json_answer(400, body);
}

void set_header(http::Response& response, std::string_view name, std::string value) {
  std::erase_if(response.headers, [&](const auto& header) { return header.first == name; });
  response.headers.emplace_back(name, std::move(value));
}

std::string http_date(Epoch ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
  // Most are asked for many times.
  thread_local std::array<std::pair<std::time_t, std::string>, 64> known;
  auto& [second, date] = known[static_cast<std::size_t>(seconds) % known.size()];
  if (second == seconds && !date.empty()) return date;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  second = seconds;
  date.assign(text, length);
  return date;
}

void set_stamp(http::Response& response, Epoch stamp) {
  if (stamp >= end_of_dates) throw Raised{broken()};
  set_header(response, "Last-Modified", http_date(stamp));
  set_header(response, "ETag", "\"" + std::to_string(stamp) + "\"");
}

}  // namespace kinto_mirror::model
