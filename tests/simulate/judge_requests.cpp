// What the requests of the daemons may be: their own business, bounded and guarded.

#include "judge.hpp"
#include "request_paths.hpp"
#include "sync/decide/batching.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

namespace json = boost::json;

std::string_view without_records(std::string_view path) {
  constexpr std::string_view records = "/records";
  if (path.ends_with(records)) path.remove_suffix(records.size());
  return path;
}

// Checkpoints, and what tells servers apart: nobody else writes there.
bool is_own(std::string_view path) {
  return path.starts_with("/buckets/kinto-mirror/");
}

}  // namespace

// P10: credentials go to their own origin only.
void Judge::watch_origin(const Site& site, const http::Request& request) {
  const auto credentials = http::find_header(request.headers, "Authorization");
  if (!request.target.starts_with("/v1/")) fail("P10", "a request for " + request.target);
  if (credentials != site.daemons_authorization()) {
    fail("P10", "other credentials than its own for " + site.name());
  }
}

// P10, P7 and P9: own business, bounded, guarded.
void Judge::watch_writes(const Site& site, const http::Request& request) {
  if (bare(request.target) != "/batch") {
    watch_write(site, request.method, bare(request.target));
    if (writes(request.method) && !is_own(bare(request.target)) &&
        !http::find_header(request.headers, "If-Match") &&
        !http::find_header(request.headers, "If-None-Match")) {
      fail("P9", "a write without a guard");
    }
    return;
  }
  json::monotonic_resource storage;
  const json::value body = json::parse(request.body, &storage);
  const json::array& parts = body.at("requests").as_array();
  for (const json::value& part : parts) {
    watch_write(site, part.at("method").as_string(), bare(part.at("path").as_string()));
  }
  const auto unguarded = [](const json::value& line) {
    const json::object& request_line = line.as_object();
    if (!writes(request_line.at("method").as_string())) return false;
    if (is_own(request_line.at("path").as_string())) return false;
    const json::value* const headers = request_line.if_contains("headers");
    return headers == nullptr || (!headers->as_object().contains("If-Match") &&
                                  !headers->as_object().contains("If-None-Match"));
  };
  if (std::ranges::any_of(parts, unguarded)) fail("P9", "a write without a guard");
  const auto deletes_container = [](const json::value& line) {
    return line.at("method").as_string() == "DELETE" &&
           deletes_more(bare(line.at("path").as_string()));
  };
  // Kinto carries out what goes with it at the end of the batch only.
  if (parts.size() > 1 && std::ranges::any_of(parts, deletes_container)) {
    fail("P3", "a container is deleted together with other requests");
  }
  if (request.body.size() > 2 * sync::max_batch_bytes) fail("P7", "a batch of too many bytes");
  if (std::cmp_greater(parts.size(), site.max_batch())) fail("P7", "a batch of too many requests");
}

void Judge::watch_write(const Site& site, std::string_view method, std::string_view path) {
  if (!writes(method)) return;
  const std::string what = std::string(method) + " " + std::string(path);
  if (&site == &master_) fail("P10", "a write to the master: " + what);
  if (!in_scope(path)) fail("P10", "a write out of scope: " + what);
  if (method == "DELETE" && deletes_more(path) && !containers_.was_deleted(without_records(path))) {
    fail("P3", "more than a record is deleted: " + what);
  }
}

}  // namespace kinto_mirror::simulate
