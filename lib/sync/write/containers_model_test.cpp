// Buckets and collections that the replica is given, on Kintos of the model.
#include "sync/test_sites.hpp"
#include "sync/write/containers.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::Profile;
using test::Site;
using test::Sites;
using test::the_collection;

const std::string bucket = "/buckets/b";
const std::string collection = "/buckets/b/collections/c";

Result<bool> ensure(Sites& sites) {
  return sites.run<Result<bool>>([](const PassContext& with) -> Task<Result<bool>> {
    co_return co_await ensure_collection(with, the_collection);
  });
}

std::string data_of(Site& site, const std::string& path) {
  return site.admin("GET", path).body;
}

bool says(const Site& site, const std::string& part) {
  return site.everything().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what is missing is made with the master's metadata, and what is there stays") {
  struct Case {
    bool has_bucket;
    bool has_collection;
    bool created;
  };
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (const Case& c :
         {Case{false, false, true}, Case{true, false, true}, Case{true, true, false}}) {
      CAPTURE(c.has_bucket);
      CAPTURE(c.has_collection);
      Sites sites(profile, profile);
      sites.master.admin("PUT", bucket, R"({"data":{"of":"the master's bucket"}})");
      sites.master.admin("PUT", collection, R"({"data":{"of":"the master's collection"}})");
      if (!c.has_collection) sites.replica.admin("DELETE", collection);
      if (!c.has_bucket) sites.replica.admin("DELETE", bucket);
      const std::string before = sites.replica.everything();
      const auto made = ensure(sites);
      REQUIRE(made.has_value());
      CHECK(*made == c.created);
      CHECK(says(sites.replica, "the master's bucket") == !c.has_bucket);
      CHECK(says(sites.replica, "the master's collection") == c.created);
      if (!c.created) CHECK(sites.replica.everything() == before);
      // Another one changes nothing.
      const std::string then = sites.replica.everything();
      CHECK(ensure(sites).value() == false);
      CHECK(sites.replica.everything() == then);
    }
  }
}

TEST_CASE("containers keep their stamps, and on PostgreSQL the next one that is free") {
  Sites sites(Profile::postgresql, Profile::postgresql);
  sites.replica.admin("DELETE", collection);
  sites.master.admin("PUT", collection, R"({"data":{"last_modified":1700000000500}})");
  sites.replica.admin("PUT", bucket + "/collections/other",
                      R"({"data":{"last_modified":1700000000500}})");
  REQUIRE(ensure(sites).value());
  CHECK(data_of(sites.replica, collection).find("\"last_modified\":1700000000501") !=
        std::string::npos);
}

TEST_CASE("metadata that this user may not read on the master are left empty") {
  Sites sites;
  sites.replica.admin("DELETE", bucket);
  sites.master.admin("PUT", bucket, R"({"data":{"secret":1}})");
  sites.master.allow("");
  sites.master.admin("PUT", collection,
                     R"({"data":{"shown":1},"permissions":{"read":["system.Authenticated"]}})");
  REQUIRE(ensure(sites).value());
  CHECK_FALSE(says(sites.replica, "secret"));
  CHECK(says(sites.replica, "shown"));
}

TEST_CASE("who may not create what is missing is told which right it takes") {
  struct Case {
    std::string what;
    bool has_bucket;
    std::string words;
  };
  for (const Case& c : {
           Case{"a collection in a bucket of others", true,
                "its user needs the right to write /buckets/b, or to create collections there"},
           Case{"a bucket", false, "its user needs the right to create it"},
       }) {
    CAPTURE(c.what);
    Sites sites;
    sites.replica.admin("DELETE", collection);
    sites.replica.allow("read");
    if (!c.has_bucket) {
      sites.replica.admin("DELETE", bucket);
      sites.replica.refuse("PUT /v1/buckets/b", 403, 121, 1, 99);
    }
    const auto made = ensure(sites);
    REQUIRE(made.has_error());
    CAPTURE(made.error().message);
    CHECK(made.error().code == Errc::forbidden);
    CHECK(made.error().message.find(c.words) != std::string::npos);
  }
}

TEST_CASE("a server works where it answers a write of the daemon's own, be it with a refusal") {
  struct Case {
    std::string what;
    int status;  // 0: its own answer
    int number;
    bool works;
  };
  for (const Case& c : {Case{"it stores it", 0, 0, true}, Case{"it breaks", 500, 999, false},
                        Case{"it refuses it", 400, 107, true},
                        Case{"it is something in front that refuses it", 403, 0, false}}) {
    CAPTURE(c.what);
    Sites sites;
    sites.to_replica.set_patience(Millis{0});
    if (c.status != 0 && c.number != 0) {
      sites.replica.refuse("records/canary", c.status, c.number, 1, 99);
    } else if (c.status != 0) {
      sites.replica.block("records/canary", c.status);
    }
    CHECK(kinto::test::run(takes_writes(sites.to_replica)) == c.works);
  }
}

TEST_CASE("writes that are to find out what passes change nothing") {
  for (const bool empty : {false, true}) {
    Sites sites;
    if (!empty) sites.replica.hold("a 10, b 20, c 30, d 40");
    const std::string before = sites.replica.everything();
    auto writes = kinto::test::run(harmless_writes(sites.to_replica, the_collection));
    CHECK(writes.size() == (empty ? 1 : 3));
    CHECK(kinto::test::run(lets_pass(sites.to_replica, std::move(writes))));
    CHECK(sites.replica.everything() == before);
    CHECK(sites.replica.asked("PUT /") == 1);  // one that passes is enough
  }
}

}  // namespace kinto_mirror::sync
