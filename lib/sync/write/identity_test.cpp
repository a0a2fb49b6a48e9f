// Whether master and replica are two servers.
#include "sync/write/test_identity.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::kinship::bucket;
using test::kinship::checkpoints;
using test::kinship::identity;
using test::kinship::long_ago;
using test::kinship::Requests;
using test::kinship::Site;
using What = Shown::What;

}  // namespace

TEST_CASE("what two looks tell of the kinship of two servers") {
  const auto shows = [](std::string nonce, std::int64_t stamp) {
    return Shown{What::identity, std::move(nonce), Stamp{stamp}};
  };
  const Shown nothing{What::nothing, "", {}};
  const Shown forbidden{What::forbidden, "", {}};
  const Shown unknown;
  const SoFar unseen{"", unknown};
  const SoFar fresh{"", forbidden};
  const SoFar met{"", shows("n", 500)};
  const SoFar sent{"own", shows("own", 2000)};
  const SoFar sent_before{"own", shows("other", 2000)};
  struct Case {
    std::string what;
    Shown master;
    Shown replica;
    SoFar known;
    Kinship kinship;
  };
  const std::vector<Case> cases{
      {"it stood before, and the master has none", nothing, shows("n", 500), met, Kinship::apart},
      {"the same, where one may not look", forbidden, shows("n", 500), met, Kinship::apart},
      {"a master that is a replica itself", shows("m", 10), shows("n", 500), met, Kinship::apart},
      {"it was not seen before", nothing, shows("n", 500), unseen, Kinship::restless},
      {"there was none before", nothing, shows("n", 500), fresh, Kinship::restless},
      {"what was sent stands there", nothing, shows("own", 2000), sent, Kinship::apart},
      {"it was changed since", nothing, shows("n", 2001), sent, Kinship::restless},
      {"it was given another nonce", shows("n", 2001), shows("k", 2002), sent, Kinship::restless},
      {"nobody was here yet", forbidden, forbidden, fresh, Kinship::open},
      {"it was removed since", nothing, nothing, sent, Kinship::open},
      {"both show one, of whatever age", shows("n", 500), shows("n", 500), met, Kinship::open},
      {"both show that of another daemon", shows("n", 9), shows("n", 9), sent, Kinship::open},
      {"an identity without a nonce", nothing, shows("", 500), fresh, Kinship::open},
      {"two of them are no likeness", shows("", 500), shows("", 500), fresh, Kinship::open},
      {"the master shows what was sent", shows("own", 9), shows("own", 9), sent, Kinship::one},
      {"also without an answer to it", shows("own", 9), unknown, sent_before, Kinship::one},
      {"the master does not answer", unknown, shows("n", 500), fresh, Kinship::unknown},
      {"the replica does not answer", nothing, unknown, fresh, Kinship::unknown},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(kinship(c.master, c.replica, c.known) == c.kinship);
  }
}

TEST_CASE(
    "two servers cost a request each behind the first look, where the replica was met before") {
  Site site;
  site.replica.kept->identify("n", long_ago);
  SUBCASE("a master like any other") {}
  SUBCASE("a master that is a replica itself") {
    site.master.kept->identify("m", long_ago);
  }
  CHECK(site.start().has_value());
  CHECK(site.master.seen == Requests{"GET " + identity});
  CHECK(site.replica.seen == Requests{"GET " + identity, "GET " + identity});
  CHECK(site.notices.told.empty());
}

TEST_CASE("the first start gives the replica its identity") {
  Site site;
  CHECK(site.start().has_value());
  CHECK(site.replica.kept->nonce().size() == 32);
  CHECK(site.master.kept->objects.empty());
  CHECK(site.master.seen.size() == 2);
  CHECK(site.replica.seen == Requests{"GET " + identity, "POST /v1/batch",
                                      "in a batch: PUT " + bucket, "in a batch: PUT " + identity,
                                      "GET " + identity});
}

TEST_CASE("a replica that a daemon without this knew gets the identity alone") {
  Site site;
  site.replica.kept->put(bucket, "{}", 1);
  site.replica.kept->put(checkpoints, "{}", 1);
  CHECK(site.start().has_value());
  CHECK(site.replica.seen == Requests{"GET " + identity, "PUT " + identity, "GET " + identity});
}

TEST_CASE("one server under two names is refused, and nothing of it is left there") {
  Site site;
  site.make_one();
  SUBCASE("met for the first time") {}
  SUBCASE("through a cache that keeps every answer") {
    site.master.through_cache = true;
  }
  for (int starts = 0; starts < 2; ++starts) {
    const auto refused = site.start();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::config);
    for (const char* word : {"http://master.test/v1", "http://replica.test/v1", "same server",
                             "has been removed", "give the address of another server"}) {
      CAPTURE(word);
      CHECK(refused.error().message.find(word) != std::string::npos);
    }
    CHECK(site.master.kept->objects.empty());
  }
}

TEST_CASE("of one server that is the replica of another too, the identity alone is removed") {
  Site site;
  site.make_one();
  site.master.kept->identify("n", long_ago);
  site.master.kept->put(checkpoints, "{}", 2);
  REQUIRE(site.start().has_error());
  CHECK(site.master.kept->objects.size() == 2);
  CHECK(site.master.kept->nonce().empty());
}

TEST_CASE("what others put there meanwhile is left to them") {
  Site site;
  site.make_one();
  site.master.before = [&site] {
    if (site.master.kept->objects.contains(identity)) {
      site.master.kept->put(checkpoints, "{}", 2);
    }
  };
  REQUIRE(site.start().has_error());
  CHECK(site.master.kept->objects.size() == 2);
  CHECK(site.master.kept->nonce().empty());
}

TEST_CASE("what cannot be removed is named, with the mend") {
  Site site;
  site.make_one();
  site.master.before = [&site] {
    if (site.master.kept->objects.contains(identity)) site.replica.broken = 400;
  };
  const auto refused = site.start();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::config);
  CHECK(refused.error().message.find("could not be removed (400") != std::string::npos);
  CHECK(refused.error().message.find("delete it by hand") != std::string::npos);
}

TEST_CASE("a copy of the other's database is another server") {
  Site site;
  site.master.kept->identify("n", long_ago);
  *site.replica.kept = *site.master.kept;
  CHECK(site.start().has_value());
  CHECK(site.master.kept->nonce() == "n");
  CHECK(site.replica.kept->nonce() != "n");
  CHECK(site.notices.told.empty());
  site.master.seen.clear();
  CHECK(site.start().has_value());
  CHECK(site.master.seen.size() == 1);
}

TEST_CASE("who has no right to write there is told nothing, and goes on") {
  Site site;
  site.make_one();
  site.replica.may_write = false;
  CHECK(site.start().has_value());
  CHECK(site.master.kept->objects.empty());
  CHECK(site.notices.told.empty());
}

TEST_CASE("who may see a likeness and not try it is told of it") {
  Site site;
  site.make_one();
  site.master.kept->identify("n", long_ago);
  site.replica.may_write = false;
  CHECK(site.start().has_value());
  REQUIRE(site.notices.told.size() == 1);
  CHECK(site.notices.told.front().find("http://master.test/v1") != std::string::npos);
  CHECK(site.notices.told.front().find("http://replica.test/v1") != std::string::npos);
}

TEST_CASE("a server that gives no clear answer stops nothing, and is left alone") {
  Site site;
  SUBCASE("the master fails") {
    for (const int status : {500, 503, 400, 301, 200}) {
      site.master.broken = status;
      CHECK(site.start().has_value());
    }
    CHECK(site.replica.kept->objects.empty());
  }
  SUBCASE("the replica fails") {
    for (const int status : {500, 503, 400, 301, 200, 405}) {
      site.replica.broken = status;
      CHECK(site.start().has_value());
    }
  }
  CHECK(site.notices.told.empty());
}

TEST_CASE("a dry run writes nothing, and tells of a likeness") {
  Site site;
  site.options.dry_run = true;
  bool likely = true;
  SUBCASE("one server that was met before") {
    site.make_one();
    site.master.kept->identify("n", long_ago);
  }
  SUBCASE("one server that was never met") {
    site.make_one();
  }
  SUBCASE("two servers") {
    site.replica.kept->identify("n", long_ago);
    likely = false;
  }
  SUBCASE("two servers that were never met") {
    site.replica.kept->buckets_etag = 6;
    likely = false;
  }
  const auto before = site.replica.kept->objects;
  CHECK(site.start().has_value());
  CHECK(site.replica.kept->objects == before);
  CHECK(site.notices.told.size() == (likely ? 1 : 0));
}

TEST_CASE("two daemons at once on one pair are both told the truth") {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    for (const bool one : {true, false}) {
      for (const bool met : {true, false}) {
        CAPTURE(one);
        CAPTURE(met);
        Site site;
        site.random.seed(seed);
        if (met) site.master.kept->identify("n", long_ago);
        if (one) {
          site.make_one();
        } else {
          *site.replica.kept = *site.master.kept;
        }
        for (const auto& start : site.starts(2)) CHECK(start.has_error() == one);
        CHECK(site.master.kept->nonce() == (!one && met ? "n" : ""));
      }
    }
  }
}

}  // namespace kinto_mirror::sync
