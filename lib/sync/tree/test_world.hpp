#pragma once
// A master and a replica with containers, on Kintos of the model, for the tests of this room.
//
// Both have the bucket b and the collection b/c, of which the daemon's user may see the lists.

#include "sync/test_sites.hpp"
#include "sync/tree/test_tree.hpp"
#include "sync/tree/tree_reader.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace kinto_mirror::sync::test {

// The daemon's user, by his principal.
inline std::string mirror() {
  return *model::principal_of(Site::authorization("mirror"), model::Options().hmac_secret);
}

// R"({"read":["x"],"write":["<mirror>"]})": what an administrator grants so that he sees the lists.
inline std::string rights(const std::string& readers = {}) {
  return R"({"read":[)" + readers + R"(],"write":[")" + mirror() + R"("]})";
}

// What a bucket's or the root's shelf holds: "/buckets/b", "group".
inline const model::Object* find_object(const Site& site, const ContainerId& id) {
  const std::string parent = id.kind == ContainerKind::bucket ? "" : "/buckets/" + id.bucket;
  const std::string kind = id.kind == ContainerKind::bucket  ? "bucket"
                           : id.kind == ContainerKind::group ? "group"
                                                             : "collection";
  return site.kinto.store().object({parent, kind},
                                   id.kind == ContainerKind::bucket ? id.bucket : id.name);
}

struct World : Sites {
  explicit World(Profile of_master = Profile::memory, Profile of_replica = Profile::memory)
      : Sites(of_master, of_replica) {
    traits.user = traits.master_user = mirror();
    for (Site* const site : {&master, &replica}) {
      site->admin("PUT", "/buckets/b", R"({"permissions":)" + rights() + "}");
      site->remove();
      put(*site, "b/collections/c", 1);
    }
  }

  // The data's stamp is `epoch` + `ms`; members: R"("n":1)".
  static void put(Site& site, const std::string& name, std::int64_t ms,
                  const std::string& members = {}, const std::string& permissions = rights()) {
    const std::string data = R"({"last_modified":)" + std::to_string(epoch + ms) +
                             (members.empty() ? "" : "," + members) + "}";
    site.admin("PUT", container(name).path(),
               R"({"data":)" + data + R"(,"permissions":)" + permissions + "}");
  }
  static void erase(Site& site, const std::string& name, std::int64_t ms) {
    site.admin("DELETE", container(name).path() + "?last_modified=" + std::to_string(epoch + ms));
  }

  // "50 {"n":1}", "70 gone", or nothing.
  static std::string holds(const Site& site, const std::string& name) {
    const model::Object* const object = find_object(site, container(name));
    if (object == nullptr) return "nothing";
    const std::string stamp = std::to_string(object->stamp - epoch);
    return object->deleted ? stamp + " gone" : stamp + " " + boost::json::serialize(object->data);
  }
  // Alive there.
  static bool has(const Site& site, const std::string& name) {
    const model::Object* const object = find_object(site, container(name));
    return object != nullptr && !object->deleted;
  }
  // Its permission lists, but for the administrator and the daemon in `write`.
  static std::string grants(const Site& site, const std::string& name) {
    const auto& all = site.kinto.store().permissions();
    const auto found = all.find(container(name).path());
    if (found == all.end()) return "none";
    Lists out;
    for (const auto& [permission, principals] : found->second) {
      for (const std::string& one : principals) {
        if (!one.starts_with("basicauth:")) out[permission].insert(one);
      }
    }
    return encode(out);
  }
};

// Lets the daemon's user read all buckets there, as `kinto.bucket_read_principals` does: also those
// that were deleted.
inline void show_all_buckets(Site& site) {
  site.kinto.options().bucket_read_principals = {"system.Everyone"};
}

// In place of the list of `path` that is asked for: the same headers, and no rows.
inline void hide_rows(Site& site, const std::string& path) {
  site.on(
      "GET /v1" + path + "?",
      [&site, path]() -> Site::Answer {
        http::Response page = site.kinto.answer(Site::request("GET", path));
        page.body = R"({"data":[]})";
        return Result<http::Response>(std::move(page));
      },
      1, always);
}

}  // namespace kinto_mirror::sync::test
