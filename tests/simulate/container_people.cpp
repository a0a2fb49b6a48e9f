// What people do to buckets, groups and collections.

#include "people.hpp"

namespace kinto_mirror::simulate {

namespace {

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ",\"" : "\"") + name + "\"";
  return out + "]";
}

}  // namespace

std::string People::some_principals(bool users) {
  std::vector<std::string> out;
  std::vector<std::string> all{"account:alice", "account:bob", "account:carol", "account:dave"};
  if (!users) {
    all.emplace_back("system.Everyone");
    all.emplace_back("/buckets/b/groups/g1");
  }
  for (const std::string& one : all) {
    if (random_.percent(30)) out.push_back(one);
  }
  return quoted_list(out);
}

std::string People::shown_to_daemon() {
  if (scenario_.mere_reader) return {};
  return R"(,"permissions":{"write":[")" + master_.daemons_principal() + R"("]})";
}

// Only who may write an object is shown its lists. A mere reader is not.
void People::show_lists() {
  if (!scenario_.containers || scenario_.mere_reader) return;
  const std::string principal = master_.daemons_principal();
  for (const CollectionId& id : scenario_.collections) {
    for (const std::string& uri : {"/buckets/" + id.bucket, path_of(id)}) {
      const auto& all = master_.store().permissions();
      const auto lists = all.find(uri);
      const bool there = master_.admin("GET", uri).status == 200;
      if (!there) continue;
      const bool shown = lists != all.end() && lists->second.contains("write") &&
                         lists->second.at("write").contains(principal);
      if (shown) continue;
      master_.admin("PATCH", uri, R"({"permissions":{"write":[")" + principal + R"("]}})");
    }
  }
}

void People::write_container() {
  const CollectionId& id = random_.pick(scenario_.collections);
  const std::string bucket = "/buckets/" + id.bucket;
  const std::string uri = random_.percent(30) ? bucket : path_of(id);
  const std::string group = bucket + "/groups/g" + std::to_string(random_.below(3));
  const std::string data = R"({"data":{"title":"t)" + std::to_string(++serial_) + R"("}})";
  switch (random_.below(9)) {
    case 0:
    case 1:
      return on_master("PATCH", uri, data);
    case 2:
      if (master_.admin("GET", uri).status != 200) return;
      return on_master("PUT", uri, data);
    case 3:
    case 4:
    case 5: {
      // The daemon itself must go on reading.
      std::string readers = some_principals(false);
      const std::string own = "\"" + master_.daemons_principal() + "\"";
      readers.insert(1, readers == "[]" ? own : own + ",");
      return on_master("PATCH", uri, R"({"permissions":{"read":)" + readers + "}}");
    }
    case 6:
    case 7:
      if (master_.admin("GET", bucket).status != 200) return;
      return on_master(
          "PUT", group,
          R"({"data":{"members":)" + some_principals(true) + "}" + shown_to_daemon() + "}");
    default:
      return on_master("DELETE", group);
  }
}

void People::delete_container() {
  const CollectionId& id = random_.pick(scenario_.collections);
  open_.clear();  // what they wrote would belong to nothing
  on_master("DELETE", random_.percent(25) ? "/buckets/" + id.bucket : path_of(id));
  if (random_.percent(25)) return;  // for good, or until the peace
  const bool between_looks = random_.percent(40);
  const Millis away{between_looks ? random_.between(1, scenario_.sync.interval.count() / 2)
                                  : random_.between(1'000, 60'000)};
  timeline_.after(away, [this] {
    provide_master();
    looked_at();
  });
}

// Somebody edits a container of a replica, so that it stands above the master's.
void People::drift() {
  Site& site = *random_.pick(replicas_);
  const CollectionId& id = random_.pick(scenario_.collections);
  const std::string uri = random_.percent(30) ? "/buckets/" + id.bucket : path_of(id);
  judge_.disturbed(site);
  const std::string edit = random_.percent(50)
                               ? R"({"data":{"title":"drifted"}})"
                               : R"({"permissions":{"read":["account:dave","account:eve"]}})";
  const http::Response response = site.admin("PATCH", uri, edit);
  told(site.name() + " PATCH " + uri + " " + edit + " -> " + std::to_string(response.status));
}

// Of nobody's business here, and near to what may be deleted.
void People::provide_neighbours(Site& site) {
  if (!scenario_.neighbours) return;
  for (const std::string bucket : {"/buckets/bb", "/buckets/bZx", "/buckets/b"}) {
    if (bucket != "/buckets/b") {
      site.admin("PUT", bucket, R"({"permissions":{"read":["system.Everyone"]}})");
    } else if (site.admin("GET", bucket).status != 200) {
      site.provide({"b", "a"}, "write");
    }
    const std::string collection =
        bucket + "/collections/" + (bucket == "/buckets/b" ? "aXc" : "a");
    site.admin("PUT", collection, R"({"permissions":{"read":["account:nobody"]}})");
    site.admin("PUT", collection + "/records/x", R"({"data":{"own":3}})");
  }
}

}  // namespace kinto_mirror::simulate
