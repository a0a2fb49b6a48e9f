#include "sync/read/discover.hpp"

#include "sync/test_hosts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Host;
using test::Hosts;
using Names = std::vector<std::string>;

// Buckets and collections as they are asked for by the daemon's user, who may read none of `secret`
// and `hidden`.
struct World : Hosts {
  World() {
    for (const char* id : {"a/x", "a/y", "b/x", "c/z"}) {
      const std::string name = id;
      master.make(CollectionId(name.substr(0, 1), name.substr(2)));
    }
    for (const char* bucket : {"hidden", "secret"}) {
      // Who may create groups there sees that there is such a bucket.
      master.send("PUT", "/buckets/" + std::string(bucket),
                  R"({"permissions":{"group:create":["system.Authenticated"]}})", test::other_user);
    }
  }

  Result<Discovered> look(const Names& patterns) {
    const Scope scope(patterns);
    return kinto::test::run(discover(master.server, scope));
  }

  // With what is told of it.
  Result<Discovered> look_and_tell(const Names& patterns) {
    options.collections = patterns;
    told.notices.clear();
    return run<Result<Discovered>>(
        [this](const PassContext& context) { return tell(context, already_told); });
  }

  ToldOfScope already_told;

 private:
  static ResultTask<Discovered> tell(const PassContext& context, ToldOfScope& told) {
    const Scope scope(context.options.collections);
    co_return co_await discover(context, scope, told);
  }
};

Names names(const Discovered& found) {
  Names out;
  for (const CollectionId& id : found.ids) out.push_back(id.str());
  return out;
}

// A page of something in front, to whoever asks for this.
Host::Front refuses(const std::string& target, int status, const std::string& body = "<html>") {
  return [=](const http::Request& request) -> Host::Answered {
    if (!request.target.starts_with(target)) return std::nullopt;
    return test::refusal(status, body);
  };
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

TEST_CASE("where a right is missing and nothing is left, that is the error") {
  World world;
  const auto found = world.look({"h*/*", "s*/*"});
  REQUIRE(found.has_error());
  CHECK(found.error().code == Errc::forbidden);
}

TEST_CASE("a bucket that something in front refuses is not read, and the others are") {
  struct Case {
    int status;
    const char* body;
    bool others;  // are found all the same
  };
  for (const Case& c : {Case{403, "<html>", true}, Case{404, "<html>", true},
                        Case{302, "<html>", true}, Case{500, R"({"errno":999})", false}}) {
    CAPTURE(c.status);
    World world;
    world.master.front = refuses("/v1/buckets/b/", c.status, c.body);
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
  world.master.front = refuses("/v1/buckets?", 403);
  CHECK(world.look({"*/x"}).has_error());
  CHECK(world.look({"a/*"}).has_value());
}

TEST_CASE("that a list was stored on its way is kept") {
  for (const std::string list : {"/v1/buckets?", "/v1/buckets/b/collections?"}) {
    CAPTURE(list);
    World world;
    world.master.front = [&](const http::Request& request) -> Host::Answered {
      if (!request.target.starts_with(list)) return std::nullopt;
      http::Response old = world.master.kinto.answer(request);
      old.headers.emplace_back("Age", "600");
      return old;
    };
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
  const auto let = [&world](const std::string& right) {
    world.master.send("PUT", "/buckets/hidden",
                      R"({"permissions":{")" + right + R"(":["system.Authenticated"]}})",
                      test::other_user);
  };
  let("read");
  REQUIRE(world.look_and_tell({"*/*"}).has_value());
  CHECK(world.told.notices.empty());
  let("group:create");
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
  world.master.front = refuses("/v1/buckets/b/", 403);
  REQUIRE(world.look_and_tell({"a/*", "b/*", "mis*/*"}).has_value());
  CHECK(world.told.notices.empty());
  world.master.front = {};
  REQUIRE(world.look_and_tell({"a/*", "b/*", "mis*/*"}).has_value());
  CHECK(world.told.notices.size() == 1);
}

}  // namespace kinto_mirror::sync
