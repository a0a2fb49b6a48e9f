#include "model/rights.hpp"

#include "model/answers.hpp"
#include "model/backend.hpp"
#include "model/credentials.hpp"

#include <algorithm>

namespace kinto_mirror::model {

namespace {

using Bound = std::vector<std::pair<std::string_view, std::string_view>>;  // URI and permission

// The place of the slash before part `number` of a URI ("", "buckets", "b", ...), or its end.
std::size_t slash_before(std::string_view uri, std::size_t number) {
  std::size_t at = 0;
  for (; number > 1 && at != std::string_view::npos; --number) at = uri.find('/', at + 1);
  return std::min(at, uri.size());
}

// Everything that grants `permission` on the object, on its parents too. What is returned lies in
// `uri` and `permission`.
Bound granters(std::string_view uri, bool plural, std::string_view permission) {
  const auto parts = static_cast<std::size_t>(std::ranges::count(uri, '/')) + 1;
  const std::size_t size = plural ? parts - 1 : parts;
  if (size <= 2) return {};
  const std::string_view bucket = uri.substr(0, slash_before(uri, 3));
  if (size == 3) {
    if (permission == "write") return {{bucket, "write"}};
    if (permission != "read") return {{bucket, "write"}, {bucket, permission}};
    Bound bound{{bucket, "write"}, {bucket, "read"}};
    if (!plural) {
      bound.emplace_back(bucket, "collection:create");
      bound.emplace_back(bucket, "group:create");
    }
    return bound;
  }
  Bound bound;
  bound.reserve(6);
  bound.emplace_back(bucket, "write");
  if (permission == "read") bound.emplace_back(bucket, "read");
  const std::string_view child = uri.substr(0, slash_before(uri, 5));
  const std::string_view kind = child.substr(bucket.size());  // "/collections/c"
  bound.emplace_back(child, "write");
  if (permission != "write") bound.emplace_back(child, permission);
  if (size == 5) {
    if (permission == "read" && !plural && kind.starts_with("/collections/")) {
      bound.emplace_back(child, "record:create");
    }
    return bound;
  }
  bound.emplace_back(uri, "write");
  if (permission == "read") bound.emplace_back(uri, "read");
  return bound;
}

bool is_granted(const Call& call, std::string_view uri, std::string_view permission) {
  const auto& all = call.server.store.permissions();
  const auto found = all.find(uri);
  if (found == all.end()) return false;
  const auto named = found->second.find(permission);
  return named != found->second.end() && std::ranges::any_of(call.principals, [&](const auto& one) {
           return named->second.contains(one);
         });
}

bool any_granted(const Call& call, const Bound& bound) {
  return std::ranges::any_of(
      bound, [&](const auto& pair) { return is_granted(call, pair.first, pair.second); });
}

// Everyone who is somebody may create buckets (bucket_create_principals).
bool may_create(const Call& call) {
  if (call.target.kind == Kind::bucket) return call.user.has_value();
  const std::string permission = std::string(name_of(call.target.kind)) + ":create";
  return any_granted(call, granters(call.target.plural_uri, true, permission));
}

std::vector<std::string> shared(const Call& call, std::string_view permission) {
  std::vector<std::string> ids;
  const std::string prefix = call.target.plural_uri + "/";
  for (const auto& entry : call.server.store.permissions()) {
    const std::string& uri = entry.first;
    if (!uri.starts_with(prefix) || uri.find('/', prefix.size()) != std::string::npos) continue;
    const Bound bound = granters(uri, false, permission);
    if (std::ranges::any_of(bound, [&](const auto& pair) {
          return pair.first == uri && is_granted(call, pair.first, pair.second);
        })) {
      ids.push_back(uri.substr(prefix.size()));
    }
  }
  return ids;
}

[[noreturn]] void refuse(const Call& call) {
  throw Raised{call.user ? forbidden() : unauthorized()};
}

}  // namespace

void identify(Call& call) {
  call.principals.reserve(4);
  call.principals.emplace_back("system.Everyone");
  const auto header = http::find_header(call.request.headers, "Authorization");
  if (header) {
    auto known = call.server.users.find(*header);
    if (known == call.server.users.end()) {
      const auto principal = principal_of(*header, call.server.options.hmac_secret);
      known = call.server.users.emplace(*header, principal).first;
    }
    call.user = known->second;
  }
  if (!call.user) return;
  call.principals.push_back("system.Authenticated");
  call.principals.push_back(*call.user);
  const auto join_groups_of = [&call](const std::string& member) {
    const auto& groups = call.server.store.groups();
    if (const auto found = groups.find(member); found != groups.end()) {
      call.principals.insert(call.principals.end(), found->second.begin(), found->second.end());
    }
  };
  join_groups_of(*call.user);
  join_groups_of("system.Authenticated");
}

std::optional<std::vector<std::string>> authorize(const Call& call, const std::string& id,
                                                  bool existing) {
  const Target& target = call.target;
  const std::string_view method = call.request.method;
  const std::string uri = id.empty() ? target.uri : target.uri_of(id);
  const bool creates =
      (method == "POST" && !existing) ||
      (method == "PUT" &&
       (!existing || http::find_header(call.request.headers, "If-None-Match") == "*"));
  if (creates) {
    if (!may_create(call)) refuse(call);
    return std::nullopt;
  }
  const bool reads = method == "GET" || method == "HEAD" || method == "POST";
  const auto& all_buckets = call.server.options.bucket_read_principals;
  if (target.kind == Kind::bucket && reads && method != "POST" &&
      std::ranges::any_of(call.principals,
                          [&](const auto& one) { return all_buckets.contains(one); })) {
    return std::nullopt;
  }
  const std::string_view permission = reads ? "read" : "write";
  if (target.plural && method != "POST") {
    if (any_granted(call, granters(target.uri, true, permission))) return std::nullopt;
    std::vector<std::string> ids = shared(call, permission);
    if (ids.empty() && !may_create(call)) refuse(call);
    return ids;
  }
  const bool unknown = !reads && !existing;
  const bool allowed = unknown ? any_granted(call, granters(target.plural_uri, true, "read"))
                               : any_granted(call, granters(uri, false, permission));
  if (!allowed) refuse(call);
  return std::nullopt;
}

json::object visible_permissions(const Call& call, const std::string& uri) {
  json::object result;
  if (!is_granted(call, uri, "write")) return result;
  for (const auto& [name, principals] : call.server.store.permissions().at(uri)) {
    result[name] = json::array(principals.begin(), principals.end());
  }
  return result;
}

void grant(Call& call, const std::string& uri, const json::object& permissions) {
  const auto& all = call.server.store.permissions();
  const auto found = all.find(uri);
  const std::string user = call.user.value_or("system.Everyone");
  // Most writes name none, and are of somebody who may write already.
  if (permissions.empty() && found != all.end()) {
    const auto writers = found->second.find("write");
    if (writers != found->second.end() && writers->second.contains(user)) return;
  }
  Permissions now = found == all.end() ? Permissions{} : found->second;
  for (const auto& [name, principals] : permissions) {
    std::set<std::string> named;
    for (const auto& principal : principals.as_array()) named.emplace(principal.as_string());
    if (named.empty()) {
      now.erase(std::string(name));
    } else {
      now[std::string(name)] = std::move(named);
    }
  }
  now["write"].insert(user);
  call.server.store.change(PermissionsChange{uri, std::move(now)});
}

void forget_permissions(Server& server, const std::string& pattern) {
  std::vector<std::string> gone;
  const bool open = pattern.ends_with('*');
  const std::string stem = open ? pattern.substr(0, pattern.size() - 1) : pattern;
  const std::string like = open ? stem + "%" : stem;
  for (const auto& [uri, permissions] : server.store.permissions()) {
    const bool matches =
        server.on_memory() ? (open ? uri.starts_with(stem) : uri == stem) : is_like(uri, like);
    if (matches) gone.push_back(uri);
  }
  for (const auto& uri : gone) server.store.change(PermissionsChange{uri, std::nullopt});
}

void note_members(Server& server, const Event& event) {
  const auto edit = [&](const std::string& member, bool joins) {
    const auto& groups = server.store.groups();
    const auto found = groups.find(member);
    std::set<std::string> now = found == groups.end() ? std::set<std::string>{} : found->second;
    if (joins) {
      now.insert(event.uri);
    } else {
      now.erase(event.uri);
    }
    server.store.change(GroupsChange{member, std::move(now)});
  };
  for (const auto& member : event.members_before) {
    if (!event.members_now.contains(member)) edit(member, false);
  }
  for (const auto& member : event.members_now) {
    if (!event.members_before.contains(member)) edit(member, true);
  }
}

}  // namespace kinto_mirror::model
