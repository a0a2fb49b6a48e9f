#include "sync/read/discover.hpp"

#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::Site;
using test::Sites;
using Names = std::vector<std::string>;

// Buckets and collections as they are asked for by the daemon's user, who may read none of `secret`
// and `hidden`.
struct World : Sites {
  World() {
    master.remove();
    for (const char* id : {"a/x", "a/y", "b/x", "c/z"}) {
      const std::string name = id;
      provide(CollectionId(name.substr(0, 1), name.substr(2)));
    }
    // Who may create groups there sees that there is such a bucket.
    for (const char* bucket : {"hidden", "secret"}) let("group:create", bucket);
  }

  // Whoever is known to the master, and nobody else.
  void let(const std::string& right, const std::string& bucket) {
    master.admin("PUT", "/buckets/" + bucket,
                 R"({"permissions":{")" + right + R"(":["system.Authenticated"]}})");
  }

  Result<Discovered> look(const Names& patterns, Shard shard = {}) {
    options.collections = patterns;
    return run<Result<Discovered>>(
        [shard](const PassContext& context) { return only_look(context, shard); });
  }

  // What a batch tells comes through whatever stands in front.
  void take_no_batches() { master.refuse("POST /v1/batch", 405, 115, 1, always); }

  // With what is told of it.
  Result<Discovered> look_and_tell(const Names& patterns) {
    options.collections = patterns;
    told.notices.clear();
    return run<Result<Discovered>>(
        [this](const PassContext& context) { return tell(context, already_told); });
  }

  // With what is told where nothing was found.
  Result<void> told_nothing(const Discovered& found) {
    return run<Result<void>>(
        [&found](const PassContext& context) { return tell_nothing(context, found); });
  }

  ToldOfScope already_told;

 private:
  static ResultTask<void> tell_nothing(const PassContext& context, const Discovered& found) {
    tell_nothing_in_scope(context, found);
    co_return success();
  }
  static ResultTask<Discovered> only_look(const PassContext& context, Shard shard) {
    const Scope scope(context.options.collections, shard);
    co_return co_await discover(context.master, context.background, scope);
  }
  static ResultTask<Discovered> tell(const PassContext& context, ToldOfScope& told) {
    const Scope scope(context.options.collections, context.options.shard);
    co_return co_await discover(context, scope, told);
  }
};

const std::string lists_of_b = "GET /v1/buckets/b/collections?";

Names names(const Discovered& found) {
  Names out;
  for (const CollectionId& id : found.ids) out.push_back(id.str());
  return out;
}

}  // namespace

TEST_CASE("collections in scope are found, each once, and no more is asked than must be") {
  struct Case {
    Names patterns;
    Names found;
    Names listed;  // buckets; "" for the list of buckets
  };
  const std::vector<Case> cases{
      {{"a/x"}, {"a/x"}, {}},
      {{"no/such"}, {"no/such"}, {}},  // whether or not it exists
      {{"a/*"}, {"a/x", "a/y"}, {"a"}},
      {{"a/*", "a/x"}, {"a/x", "a/y"}, {"a"}},
      {{"*/x"}, {"a/x", "b/x"}, {"", "a", "b", "c", "hidden", "secret"}},
      {{"?/z", "a/y"}, {"a/y", "c/z"}, {"", "a", "b", "c"}},
      {{"b*/*", "c/?"}, {"b/x", "c/z"}, {"", "b", "c"}},
      // What is spelled out is missed, and what a pattern matches is not.
      {{"hidden/*", "a/x"}, {"a/x", "hidden/*"}, {"hidden"}},
      {{"h*/*", "a/x"}, {"a/x"}, {"", "hidden"}},
      {{"none*/*"}, {}, {""}},
      {{"!a/*", "!?????*/*"}, {"b/x", "c/z"}, {"", "b", "c"}},
      {{"?/*", "!?/x"}, {"a/y", "c/z"}, {"", "a", "b", "c"}},
      {{"*/*", "!*/*", "a/*", "!a/y"}, {"a/x"}, {"", "a"}},
      {{"a/*", "!a/*", "b/x", "!b/x", "c/z"}, {"c/z"}, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.patterns);
    World world;
    const auto found = world.look(c.patterns);
    REQUIRE(found.has_value());
    CHECK(names(*found) == c.found);
    CHECK(found->stored.empty());
    CHECK_FALSE(found->refused);
    for (const std::string bucket : {"", "a", "b", "c", "hidden", "secret"}) {
      CAPTURE(bucket);
      const std::string list =
          bucket.empty() ? "/buckets?" : "/buckets/" + bucket + "/collections?";
      const bool expected = std::ranges::find(c.listed, bucket) != c.listed.end();
      CHECK((world.master.asked(list) > 0) == expected);
    }
  }
}

TEST_CASE("where a right is missing and nothing is left, that is why") {
  World world;
  const auto found = world.look({"h*/*", "s*/*"});
  REQUIRE(found.has_value());
  CHECK(found->ids.empty());
  CHECK(found->hidden == std::set<std::string>{"hidden", "secret"});
  REQUIRE(found->refused);
  CHECK(found->refused->code == Errc::forbidden);
}

TEST_CASE("a bucket that something in front refuses is not read, and the others are") {
  struct Case {
    int status;
    int number;   // 0: a page
    bool others;  // are found all the same
  };
  for (const Case& c :
       {Case{403, 0, true}, Case{404, 0, true}, Case{302, 0, true}, Case{500, 999, false}}) {
    CAPTURE(c.status);
    World world;
    world.take_no_batches();
    if (c.number == 0) {
      world.master.block(lists_of_b, c.status, 1, always);
    } else {
      world.master.refuse(lists_of_b, c.status, c.number, 1, always);
    }
    const auto found = world.look({"?/x"});
    REQUIRE(found.has_value() == c.others);
    if (!c.others) continue;
    CHECK(names(*found) == Names{"a/x"});
    CHECK(found->unread == std::set<std::string>{"b"});
    CHECK(found->refused.has_value());
  }
}

TEST_CASE("a list of buckets that is refused is an error") {
  World world;
  world.take_no_batches();
  world.master.block("GET /v1/buckets?", 403, 1, always);
  CHECK(world.look({"*/x"}).has_error());
  CHECK(world.look({"a/*"}).has_value());
}

TEST_CASE("that a list was stored on its way is kept") {
  for (const std::string path : {"/buckets", "/buckets/b/collections"}) {
    CAPTURE(path);
    World world;
    world.take_no_batches();
    world.master.on("GET /v1" + path + "?", [&world, path]() -> Site::Answer {
      http::Response old = world.master.admin("GET", path);
      old.headers.emplace_back("Age", "600");
      return old;
    });
    const auto found = world.look({"*/x"});
    REQUIRE(found.has_value());
    CHECK_FALSE(found->stored.empty());
  }
}

TEST_CASE("a bucket that may not be read is told once, and again where it could be in between") {
  World world;
  REQUIRE(world.look_and_tell({"*/*"}).has_value());
  REQUIRE(world.told.notices.size() == 2);
  CHECK(world.told.notices[0].starts_with("hidden/*: is not copied"));
  CHECK(world.told.notices[1].starts_with("secret/*: is not copied"));
  REQUIRE(world.look_and_tell({"*/*"}).has_value());
  CHECK(world.told.notices.empty());
  world.let("read", "hidden");
  REQUIRE(world.look_and_tell({"*/*"}).has_value());
  CHECK(world.told.notices.empty());
  world.let("group:create", "hidden");
  REQUIRE(world.look_and_tell({"*/*"}).has_value());
  REQUIRE(world.told.notices.size() == 1);
  CHECK(world.told.notices[0].starts_with("hidden/*"));
}

TEST_CASE("a pattern that matches nothing is told at the first list, where others match") {
  struct Case {
    Names patterns;
    std::vector<std::string> told;  // patterns
  };
  const std::vector<Case> cases{
      {{"a/*", "b/x"}, {}},
      {{"a/*", "mis*/*"}, {"mis*/*"}},
      {{"a/x", "?/none", "?/z"}, {"?/none"}},
      {{"mis*/*"}, {}},           // nothing at all is told instead
      {{"a/*", "hidden/?"}, {}},  // its own line tells why
      {{"a/*", "h*/x"}, {}},
      {{"a/*", "no/such"}, {}},  // visiting it tells
      {{"a/*", "!no/such", "!a/none", "!mis*/*"}, {}},
      {{"!*/*", "a/*"}, {}},
      {{"a/*", "b/*", "!b/x"}, {"b/*"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.patterns);
    World world;
    for (int round = 0; round < 2; ++round) {
      REQUIRE(world.look_and_tell(c.patterns).has_value());
      Names told;
      for (const std::string& notice : world.told.notices) {
        if (notice.find("matches no collection") == std::string::npos) continue;
        const std::size_t begin = notice.find('"') + 1;
        told.push_back(notice.substr(begin, notice.find('"', begin) - begin));
      }
      CHECK(told == (round == 0 ? c.told : Names{}));
    }
  }
}

TEST_CASE("of a list that was refused or stored no pattern is said to match nothing") {
  World world;
  world.take_no_batches();
  world.master.block(lists_of_b, 403, 1, always);
  REQUIRE(world.look_and_tell({"a/*", "b/*", "mis*/*"}).has_value());
  CHECK(world.told.notices.empty());
  world.master.recover();
  world.take_no_batches();
  REQUIRE(world.look_and_tell({"a/*", "b/*", "mis*/*"}).has_value());
  CHECK(world.told.notices.size() == 1);
}

TEST_CASE("what other shards have is told apart, and no pattern for it matches nothing") {
  std::vector<std::string> all;
  for (std::uint32_t index = 0; index < 3; ++index) {
    World world;
    world.options.shard = Shard{index, 3};
    const auto found = world.look_and_tell({"a/*", "b/x", "c/z", "mis*/*"});
    REQUIRE(found.has_value());
    CHECK(found->ids.size() + found->others.size() == 4);
    CHECK(std::ranges::is_sorted(found->others));
    for (const CollectionId& id : found->ids) {
      CHECK(world.options.shard.owns(id.str()));
      all.push_back(id.str());
    }
    CHECK(world.told.notices.size() == 1);
    CHECK(world.told.notices.front().find("mis*/*") != std::string::npos);
  }
  std::ranges::sort(all);
  CHECK(all == Names{"a/x", "a/y", "b/x", "c/z"});
}

TEST_CASE("a shard without a collection is no empty scope") {
  World world;
  world.options.shard = Shard{0, 3};
  REQUIRE_FALSE(world.options.shard.owns("a/x"));
  const auto found = world.look_and_tell({"a/x"});
  REQUIRE(found.has_value());
  CHECK(found->ids.empty());
  CHECK_FALSE(found->refused);
  CHECK(world.told_nothing(*found).has_value());
  CHECK(world.told.notices.size() == 1);
  CHECK(world.told.notices.front().find("shard 0/3 has no collection") != std::string::npos);
}

}  // namespace kinto_mirror::sync
