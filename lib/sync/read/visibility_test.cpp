// What tells whether a list is the whole of a collection: on answers in a script, and on a Kinto of
// the model.
#include "sync/read/visibility.hpp"

#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::Bench;
using kinto::test::run;
using test::Profile;
using test::Sites;
using test::the_collection;

const std::string collection_path = "/buckets/b/collections/c";

// What the answer of a batch says of a record that does not exist.
std::string beside(int status, int number) {
  return R"({"responses":[{"status":200,"body":{},"headers":{"ETag":"\"7\"","Total-Objects":"3"}},)"
         R"({"status":)" +
         std::to_string(status) + R"(,"body":{"errno":)" + std::to_string(number) +
         R"(},"headers":{}}]})";
}

}  // namespace

TEST_CASE("only Kinto's own 404 for a record that is not there says that all is shown") {
  struct Case {
    int status;
    int number;  // errno
    bool whole;
    Errc code;
  };
  for (const Case& c :
       {Case{404, 110, true, {}}, Case{200, 0, true, {}}, Case{403, 121, false, Errc::forbidden},
        Case{404, 111, false, Errc::unproven}, Case{404, 0, false, Errc::unproven},
        Case{401, 104, false, Errc::credentials}}) {
    CAPTURE(c.status);
    CAPTURE(c.number);
    Bench bench;
    bench.script.answer(200, beside(c.status, c.number));
    const auto sight = run(sight_of(bench.server, the_collection, bench.clock));
    REQUIRE(sight.has_value());
    CHECK(sight->count.live == 3);
    CHECK(sight->count.etag == Stamp{7});
    REQUIRE(sight->whole.has_value() == c.whole);
    if (!c.whole) CHECK(sight->whole.error().code == c.code);
    // A name that no cache knows, and that every id generator takes.
    CHECK(bench.request(0).body.find("/records/ab5e7700-0000-4000-8000-000000000007") !=
          std::string::npos);
    CHECK(bench.script.seen.size() == 1);
  }
}

TEST_CASE("whoever may see the whole, a part or nothing is told apart") {
  struct Case {
    std::string what;
    std::string bucket;       // the right to it
    std::string path;         // to which another right is given
    std::string permissions;  // that right
    std::string shown;        // "whole", "part" or "nothing"
  };
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (const Case& c : {
             Case{"reads the bucket", "read", "", "", "whole"},
             Case{"writes the bucket", "write", "", "", "whole"},
             Case{"reads the collection", "", collection_path, "read", "whole"},
             Case{"writes the collection", "", collection_path, "write", "whole"},
             Case{"creates records", "", collection_path, "record:create", "part"},
             Case{"reads one record", "", collection_path + "/records/a", "read", "part"},
             Case{"has no right", "", "", "", "nothing"},
         }) {
      CAPTURE(c.what);
      Sites sites(profile, profile);
      sites.master.hold("a 10, b 20");
      sites.master.allow(c.bucket);
      if (!c.path.empty()) {
        sites.master.admin(
            "PATCH", c.path,
            R"({"permissions":{")" + c.permissions + R"(":["system.Authenticated"]}})");
      }
      const auto sight = run(sight_of(sites.from_master, the_collection, sites.time));
      REQUIRE(sight.has_value() == (c.shown != "nothing"));
      if (!sight) {
        CHECK(sight.error().code == Errc::forbidden);
        continue;
      }
      CHECK(sight->whole.has_value() == (c.shown == "whole"));
      if (c.shown == "whole") CHECK(sight->count.live == 2);
      const auto all = run(shows_everything(sites.from_master, the_collection, sites.time));
      CHECK(all.has_value() == (c.shown == "whole"));
    }
  }
}

TEST_CASE("with ids the count is of these only") {
  Sites sites;
  sites.master.hold("a 10, b 20, c 30, x 40 gone");
  std::vector<std::string> ids{"a", "c", "x", "nobody"};
  const auto sight = run(sight_of(sites.from_master, the_collection, sites.time, ids));
  REQUIRE(sight.has_value());
  CHECK(sight->count.live == 2);
  CHECK(sight->whole.has_value());
}

TEST_CASE("a collection or a bucket that does not exist is no sight at all") {
  for (const bool bucket_too : {false, true}) {
    Sites sites;
    sites.master.remove();
    if (bucket_too) sites.master.admin("DELETE", "/buckets/b");
    const auto sight = run(sight_of(sites.from_master, the_collection, sites.time));
    REQUIRE(sight.has_error());
    CHECK(is_hidden(sight.error().code));
    CHECK_FALSE(run(shows_everything(sites.from_master, the_collection, sites.time)).has_value());
  }
}

}  // namespace kinto_mirror::sync
