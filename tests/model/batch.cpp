#include "model/batch.hpp"

#include "model/answers.hpp"
#include "model/body.hpp"
#include "model/printing.hpp"
#include "model/query.hpp"
#include "model/router.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/json/monotonic_resource.hpp>

#include <algorithm>
#include <array>

namespace kinto_mirror::model {

namespace {

constexpr std::array<std::string_view, 7> methods{"GET",  "HEAD", "DELETE", "TRACE",
                                                  "POST", "PUT",  "PATCH"};

// Fills what `into` leaves out.
void merge_defaults(json::object& into, const json::object& defaults) {
  for (const auto& [key, value] : defaults) {
    json::value* const present = into.if_contains(key);
    if (present == nullptr) {
      into[key] = value;
    } else if (present->is_object() && value.is_object()) {
      merge_defaults(present->get_object(), value.get_object());
    }
  }
}

void check_line(const json::value& line, const std::string& name, std::vector<Invalid>& errors) {
  const auto refuse = [&](const std::string& field, const std::string& why) {
    errors.push_back({"body", field, why});
  };
  const json::object* const object = line.if_object();
  if (object == nullptr) return refuse(name, no_mapping(line));
  json::object unknown;
  for (const auto& [key, value] : *object) {
    const auto refuse_field = [&, key = std::string_view(key)](const std::string& why) {
      refuse(name + "." + std::string(key), why);
    };
    if (key == "method") {
      const std::string_view method = value.is_string() ? std::string_view(value.get_string()) : "";
      if (std::ranges::find(methods, method) == methods.end()) {
        refuse_field("\"" + std::string(method) +
                     "\" is not one of GET, HEAD, DELETE, TRACE, POST, PUT, PATCH");
      }
    } else if (key == "path") {
      if (!value.is_string() || !std::string_view(value.get_string()).starts_with('/')) {
        refuse_field("String does not match expected pattern");
      }
    } else if (key == "headers" || key == "body") {
      if (!value.is_object()) {
        refuse_field(no_mapping(value));
      } else if (key == "headers" && !std::ranges::all_of(value.get_object(), [](const auto& pair) {
                   return pair.value().is_string();
                 })) {
        refuse_field(python_text(value) + " contains non string value");
      }
    } else {
      unknown[key] = value;
    }
  }
  if (object->if_contains("path") == nullptr) refuse(name + ".path", "Required");
  if (!unknown.empty()) refuse(name, unknown_keys(unknown));
}

// The body's storage is `storage`.
json::array read_lines(const Server& server, const http::Request& request,
                       const json::storage_ptr& storage) {
  std::vector<Invalid> errors;
  auto parsed = request.body.empty() ? std::optional(json::value(json::object(storage)))
                                     : parse_json(request.body, storage);
  if (!parsed || !parsed->is_object()) {
    throw Raised{invalid({{"body", "", "Invalid JSON"}, {"body", "", "Required"}})};
  }
  json::object& body = parsed->get_object();
  json::value* const given = body.if_contains("requests");
  if (given == nullptr) throw Raised{invalid({{"body", "requests", "Required"}})};
  if (!given->is_array()) {
    throw Raised{
        invalid({{"body", "requests", "\"" + python_text(*given) + "\" is not iterable"}})};
  }
  json::array& lines = given->get_array();
  const json::value* const defaults = body.if_contains("defaults");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (defaults != nullptr && defaults->is_object() && lines[i].is_object()) {
      merge_defaults(lines[i].get_object(), defaults->get_object());
    }
    check_line(lines[i], "requests." + std::to_string(i), errors);
  }
  if (!errors.empty()) throw Raised{invalid(std::move(errors))};
  const auto limit = server.options.batch_max_requests;
  if (limit != 0 && std::cmp_greater(lines.size(), limit)) {
    throw Raised{invalid(
        {{"body", "requests", "Number of requests is limited to " + std::to_string(limit)}})};
  }
  if (std::ranges::any_of(lines, [](const json::value& line) {
        return line.at("path").as_string().find("/batch") != json::string::npos;
      })) {
    throw Raised{
        invalid({{"body", "requests", "Recursive call on /batch endpoint is forbidden."}})};
  }
  return std::move(lines);
}

std::string_view method_of(const json::object& line) {
  const json::value* const method = line.if_contains("method");
  return method == nullptr ? std::string_view("GET") : std::string_view(method->as_string());
}

bool reads(const json::value& line) {
  const std::string_view method = method_of(line.as_object());
  return (method == "GET" || method == "HEAD") && line.as_object().if_contains("body") == nullptr;
}

// `outer`: the headers of the batch.
std::string question(const std::string& outer, const json::object& line) {
  std::string out = outer;
  append_question(out, method_of(line), line.at("path").as_string());
  if (const json::value* const headers = line.if_contains("headers")) {
    for (const auto& [name, value] : headers->as_object()) {
      append_question(out, name, value.as_string());
    }
  }
  return out;
}

// Without its body. The headers of the batch itself are those of its requests too.
http::Request make_request(const http::Request& outer, const json::object& line) {
  std::string path(line.at("path").as_string());
  if (!path.starts_with("/v1")) path = "/v1" + path;
  http::Request request(std::string(method_of(line)), std::move(path), outer.headers);
  const auto set = [&](std::string_view name, std::string value) {
    std::erase_if(request.headers,
                  [&](const auto& header) { return boost::beast::iequals(header.first, name); });
    request.headers.emplace_back(name, std::move(value));
  };
  if (const json::value* const headers = line.if_contains("headers")) {
    for (const auto& [name, value] : headers->as_object())
      set(name, std::string(value.as_string()));
  }
  if (line.if_contains("body") != nullptr) {
    set("Content-Type", "application/json; charset=utf-8");
  }
  return request;
}

void append_answer(std::string& out, const Options& options, const http::Request& request,
                   const http::Response& response) {
  out += "{\"path\":";
  append_text(out, percent_decode(split_target(request.target).path, false));
  out += ",\"status\":" + std::to_string(response.status) + ",\"headers\":{";
  const auto append_header = [&out](std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    append_text(out, name);
    out += ':';
    append_text(out, value);
  };
  for (const auto& [name, value] : response.headers) append_header(name, value);
  // What is raised inside of a batch does not pass where Backoff is added.
  if (options.backoff_s && response.status < 300) {
    append_header("Backoff", std::to_string(*options.backoff_s));
  }
  out += "},\"body\":";
  if (request.method == "HEAD" || response.body.empty()) {
    out += "\"\"";
  } else if (http::find_header(response.headers, "Content-Type") == "application/json") {
    out += response.body;
  } else {
    append_text(out, response.body);
  }
  out += '}';
}

void answer_part(Server& server, Unit& unit, const http::Request& outer, const json::object& line,
                 std::string& answers) {
  const http::Request inner = make_request(outer, line);
  http::Response response;
  try {
    response = dispatch(server, unit, inner, line.if_contains("body"));
  } catch (Raised& raised) {
    response = std::move(raised.response);
  }
  // Kinto takes a 304 for a redirection, and looks for its Location.
  if (response.status == 304) throw Raised{broken()};
  if (response.status >= 500) throw Raised{std::move(response)};
  if (response.status == 409 && !server.on_memory()) server.store.roll_back();
  if (response.status == 400) unit.passing = true;
  append_answer(answers, server.options, inner, response);
}

// The same where nothing but reads is in the batch: what was answered before is so again.
void read_part(Server& server, Unit& unit, const http::Request& outer, const json::object& line,
               std::string asked, std::string& answers) {
  const std::uint64_t version = server.store.version();
  if (const auto* const known = server.remembered.find(asked, {version, server.clock()})) {
    answers += known->body;
    return;
  }
  const std::uint64_t serial = server.serial;
  const std::size_t begin = answers.size();
  Unit part;
  part.known_collections = std::move(unit.known_collections);
  answer_part(server, part, outer, line, answers);
  unit.known_collections = std::move(part.known_collections);
  unit.passing = unit.passing || part.passing;
  if (server.store.version() != version || server.serial != serial || part.passing) return;
  server.remembered.keep(std::move(asked), {200, {}, answers.substr(begin)});
}

}  // namespace

http::Response run_batch(Server& server, Unit& unit, const http::Request& request) {
  json::monotonic_resource storage;
  std::string answers = "{\"responses\":[";
  const json::array lines = read_lines(server, request, &storage);
  const bool only_reads = std::ranges::all_of(lines, reads);
  std::string outer;
  if (only_reads) append_headers(outer, request.headers);
  unit.passing = !only_reads;
  for (const json::value& one : lines) {
    const json::object& line = one.as_object();
    if (answers.back() != '[') answers += ',';
    if (only_reads) {
      read_part(server, unit, request, line, question(outer, line), answers);
    } else {
      answer_part(server, unit, request, line, answers);
    }
  }
  return text_answer(200, answers + "]}");
}

}  // namespace kinto_mirror::model
