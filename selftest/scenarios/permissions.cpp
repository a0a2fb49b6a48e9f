// permissions = read: who may read on the master may read on the replica, once there is all to be
// read.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/tap.hpp"
#include "selftest/world.hpp"

#include <string>

namespace kinto_mirror::selftest {

void anchor_permissions() {}

namespace {

// Principals that nobody is: a throwaway bucket is opened to no one.
constexpr const char* reader = "account:selftest-reader";
constexpr const char* stranger = "account:selftest-stranger";
constexpr const char* editor = "account:selftest-editor";

std::string list(const std::string& permission, const std::string& principals) {
  return "{\"" + permission + "\":[" + principals + "]}";
}

std::string quoted(const std::string& principal) {
  return "\"" + principal + "\"";
}

}  // namespace

TEST_CASE_FIXTURE(World, "permissions") {
  const std::string collection = kinto::collection_path(id);
  const auto batch = static_cast<std::int64_t>(master.hello()->batch_max_requests);
  const std::int64_t count = scale(3 * batch, 2 * batch + 1);
  publish(random.records(count));
  needs(master, "PATCH", collection);
  needs_lists(master, collection);
  master.write("PATCH", collection, "{}", list("read", quoted(reader)));
  sync::Options reading = options();
  reading.permissions = sync::Permissions::read;

  // Before each write of the load: who may read the collection, while it lacks records? (Counted
  // first: what was sent before may land in between.)
  int incomplete = 0;
  int early = 0;
  Taps while_loading;
  while_loading.replica = [&](const http::Request& request, Stop&) {
    if (writes_of(request).empty() || !replica.container(collection)) return;
    if (replica.count(id) >= count) return;
    ++incomplete;
    if (replica.container(collection)->may("read", reader)) ++early;
  };
  const Pass first = pass(reading, while_loading);
  CHECK(incomplete >= 2);
  CHECK(early == 0);
  CHECK(first.outcome == "in-sync");
  needs(replica, "PUT", collection);
  needs_lists(replica, collection);
  CHECK(first.tree() == "in-sync");
  REQUIRE(replica.container(collection));
  CHECK(replica.container(collection)->who("read") == std::string(reader));
  CHECK(difference(collection) == "");
  CHECK(difference() == "");
  CHECK(pass(reading).written() == "");

  // Taken away on the master; and what somebody granted on the replica: `read` follows, the other
  // lists are the replica's own.
  pause();
  replica.write("PATCH", collection, "{}", list("read", quoted(reader) + "," + quoted(stranger)));
  replica.write("PATCH", collection, "{}", list("record:create", quoted(editor)));
  pause();
  master.write("PATCH", collection, "{}", list("read", ""));
  const Pass taken = pass(reading);
  CHECK(taken.outcome == "in-sync");
  CHECK(taken.tree() == "in-sync");
  CHECK(replica.container(collection)->who("read") == "");
  CHECK(replica.container(collection)->who("record:create") == std::string(editor));
  CHECK(difference() == "");
  CHECK(pass(reading).written() == "");
}

TEST_CASE_FIXTURE(World, "permissions-kept") {
  const std::string collection = kinto::collection_path(id);
  publish(random.records(3));
  needs(master, "PATCH", collection);
  needs_lists(master, collection);
  master.write("PATCH", collection, "{}", list("read", quoted(reader)));
  CHECK(pass().tree() == "in-sync");
  needs(replica, "PATCH", collection);
  needs_lists(replica, collection);
  REQUIRE(replica.container(collection));
  CHECK(replica.container(collection)->who("read") == "");

  replica.write("PATCH", collection, "{}", list("read", quoted(stranger)));
  pause();
  master.write("PATCH", collection, R"({"note":1})");
  CHECK(pass().tree() == "in-sync");
  CHECK(replica.container(collection)->who("read") == std::string(stranger));
  CHECK(replica.container(collection)->data == master.container(collection)->data);
}

}  // namespace kinto_mirror::selftest
