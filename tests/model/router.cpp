#include "model/router.hpp"

#include "model/answers.hpp"
#include "model/backend.hpp"
#include "model/batch.hpp"
#include "model/containers.hpp"
#include "model/hello.hpp"
#include "model/listing.hpp"
#include "model/objects.hpp"
#include "model/preconditions.hpp"
#include "model/query.hpp"
#include "model/rights.hpp"

namespace kinto_mirror::model {

namespace {

http::Response redirect(const http::Request& request, const std::string& path,
                        std::string_view query) {
  http::Response response;
  response.status = 307;
  const std::string host(http::find_header(request.headers, "Host").value_or("localhost"));
  set_header(response, "Content-Type", "text/plain");
  set_header(response, "Location",
             "http://" + host + path + (query.empty() ? "" : "?" + std::string(query)));
  response.body = "307 Temporary Redirect\n\nThe resource has been moved to " + path +
                  "; you should be redirected automatically.\n\n";
  return response;
}

bool is_allowed(const Target& target, std::string_view method) {
  if (method == "GET" || method == "HEAD" || method == "DELETE") return true;
  if (target.kind == Kind::history) return false;
  return target.plural ? method == "POST" : method == "PUT" || method == "PATCH";
}

http::Response handle(Call& call, const std::optional<std::vector<std::string>>& shared,
                      const std::string& posted_id) {
  std::vector<Invalid> errors;
  const Guards guards = read_guards(call.request.headers, errors);
  const std::string_view method = call.request.method;
  if (call.target.plural) {
    if (method == "POST") return post_object(call, guards, posted_id, std::move(errors));
    if (method == "DELETE") return delete_objects(call, guards, shared, std::move(errors));
    return list_objects(call, guards, shared, std::move(errors));
  }
  if (method == "PUT") return put_object(call, guards, std::move(errors));
  if (method == "PATCH") return patch_object(call, guards, std::move(errors));
  if (method == "DELETE") return delete_object(call, guards, std::move(errors));
  return get_object(call, guards, std::move(errors));
}

http::Response on_resource(Call& call) {
  const std::string_view method = call.request.method;
  if (!is_allowed(call.target, method)) return method_not_allowed();
  identify(call);
  const bool writes = (!call.target.plural && method != "GET" && method != "HEAD") ||
                      (call.target.plural && method == "POST");
  std::string posted_id;
  bool existing = false;
  if (writes) {  // Kinto looks at the object before it looks at the rights
    find_collection(call);
    (void)timestamp(call.server, call.target.place);
    if (method == "POST") posted_id = id_in_body(call);
    const std::string& id = call.target.plural ? posted_id : call.target.id;
    existing = call.server.store.live(call.target.place, id) != nullptr;
  }
  const auto shared = authorize(call, posted_id, existing);
  find_collection(call);
  (void)timestamp(call.server, call.target.place);
  http::Response response = handle(call, shared, posted_id);
  if (call.alert) set_header(response, "Alert", *call.alert);
  return response;
}

http::Response on_batch(Server& server, Unit& unit, const http::Request& request) {
  return request.method == "POST" ? run_batch(server, unit, request) : method_not_allowed();
}

}  // namespace

SplitTarget split_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  return {target.substr(0, mark), mark == std::string_view::npos ? "" : target.substr(mark + 1)};
}

http::Response dispatch(Server& server, Unit& unit, const http::Request& request,
                        const json::value* body) {
  const auto [path, query] = split_target(request.target);
  const std::string_view method = request.method;
  const bool reads = method == "GET" || method == "HEAD";
  if (server.options.readonly && !reads && method != "OPTIONS") return method_not_allowed();
  if (path != "/v1" && !path.starts_with("/v1/")) {
    const bool versioned =
        path.size() > 2 && path.starts_with("/v") && path[2] >= '0' && path[2] <= '9';
    return versioned ? unknown_version() : redirect(request, "/v1" + std::string(path), query);
  }
  if (path == "/v1") return redirect(request, "/v1/", query);
  const std::string_view inner = path.substr(3);
  if (inner == "/batch") return on_batch(server, unit, request);
  if (auto answer = answer_about_server(server, request, inner)) return std::move(*answer);
  auto target = parse_target(inner);
  const bool served = target && (target->kind != Kind::history || server.options.history);
  if (!served) {
    if (!inner.ends_with('/')) return unknown_page();
    http::Response response =
        redirect(request, std::string(path.substr(0, path.find_last_not_of('/') + 1)), query);
    set_header(response, "Cache-Control", "max-age=3600");
    return response;
  }
  Call call{server, unit, request, body, std::move(*target), parse_query(query), {}, {}, {}, {}};
  constexpr std::size_t usual = 6;
  call.answer.headers.reserve(usual);
  return on_resource(call);
}

}  // namespace kinto_mirror::model
