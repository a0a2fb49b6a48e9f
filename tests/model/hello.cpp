#include "model/hello.hpp"

#include "model/answers.hpp"
#include "model/credentials.hpp"
#include "model/rights.hpp"

namespace kinto_mirror::model {

namespace {

json::object capability(std::string_view description, std::string_view url) {
  json::object result;
  result["description"] = description;
  result["url"] = url;
  return result;
}

http::Response hello(Server& server, const http::Request& request) {
  const Options& options = server.options;
  json::object body;
  body["project_name"] = "kinto";
  body["project_version"] = server.is_old() ? "11.2.1" : "26.5.0";
  body["http_api_version"] = server.is_old() ? "1.20" : "1.23";
  body["project_docs"] = "https://kinto.readthedocs.io/";
  body["url"] =
      "http://" + std::string(http::find_header(request.headers, "Host").value_or("")) + "/v1/";
  if (!server.is_old()) body["config"] = nullptr;
  if (options.end_of_life != EndOfLife::none) {
    body["eos"] = options.end_of_life == EndOfLife::soft ? "2099-01-01" : "2001-01-01";
  }
  json::object settings;
  settings["batch_max_requests"] = options.batch_max_requests;
  settings["readonly"] = options.readonly;
  if (!server.is_old()) settings["explicit_permissions"] = true;
  body["settings"] = std::move(settings);
  Unit unit;
  Call call{server, unit, request, nullptr, {}, {}, {}, {}, {}, {}};
  identify(call);
  if (call.user) {
    json::object user;
    user["id"] = *call.user;
    user["principals"] = json::array(call.principals.begin(), call.principals.end());
    body["user"] = std::move(user);
  }
  json::object capabilities;
  capabilities["basicauth"] =
      capability("Very basic authentication sessions. Not for production use.",
                 "http://kinto.readthedocs.io/en/stable/api/1.x/authentication.html");
  capabilities["flush_endpoint"] =
      capability("The __flush__ endpoint can be used to remove all data from all backends.",
                 "https://kinto.readthedocs.io/en/latest/api/1.x/flush.html");
  if (options.history) {
    capabilities["history"] = capability(
        "Track changes on data.", "http://kinto.readthedocs.io/en/latest/api/1.x/history.html");
  }
  body["capabilities"] = std::move(capabilities);
  http::Response response = json_answer(200, body);
  if (options.readonly) set_header(response, "Cache-Control", "max-age=86400");
  return response;
}

}  // namespace

std::optional<http::Response> answer_about_server(Server& server, const http::Request& request,
                                                  std::string_view path) {
  const std::string_view method = request.method;
  const bool reads = method == "GET" || method == "HEAD";
  if (path == "/__flush__") {
    if (method != "POST") return method_not_allowed();
    server.store.clear();
    server.tokens.clear();
    return json_answer(202, json::object{});
  }
  if (path != "/" && path != "/__heartbeat__" && path != "/__lbheartbeat__") return std::nullopt;
  if (!reads) return method_not_allowed();
  if (path == "/") return hello(server, request);
  json::object body;
  if (path == "/__heartbeat__") {
    for (const char* name : {"storage", "permission", "cache"}) body[name] = true;
  }
  return json_answer(200, body);
}

}  // namespace kinto_mirror::model
