#include "sync/decide/scope.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using Names = std::vector<std::string>;

Names named(const Scope& scope) {
  Names out;
  for (const CollectionId& id : scope.named()) out.push_back(id.str());
  return out;
}

}  // namespace

TEST_CASE("a glob's star stands for any characters, its question mark for one") {
  struct Case {
    std::string pattern;
    std::string text;
    bool matches;
  };
  const std::vector<Case> cases{
      {"", "", true},           {"", "a", false},       {"a", "a", true},
      {"a", "A", false},        {"*", "", true},        {"*", "abc", true},
      {"?", "", false},         {"?", "a", true},       {"?", "ab", false},
      {"a*", "a", true},        {"a*", "abc", true},    {"a*", "ba", false},
      {"*a", "cba", true},      {"*a", "ab", false},    {"a*b", "ab", true},
      {"a*b", "aXbYb", true},   {"a*b", "aXbY", false}, {"*a*b*", "xaybz", true},
      {"*a*b*", "xbya", false}, {"**", "abc", true},    {"a**b", "ab", true},
      {"a?c", "abc", true},     {"a?c", "ac", false},   {"*?", "", false},
      {"*?", "abc", true},      {"?*?", "a", false},    {"?*?", "ab", true},
      {"a.c", "abc", false},    {"[ab]", "a", false},   {"main-*", "main-preview", true},
      {"*aab", "aaaab", true},  {"a*a*a", "aa", false}, {"*", "*", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.pattern);
    CAPTURE(c.text);
    CHECK(glob_match(c.pattern, c.text) == c.matches);
  }
}

TEST_CASE("many stars end in reasonable time") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  CHECK_FALSE(glob_match(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("a collection is in scope when one pattern matches both its names") {
  struct Case {
    Names patterns;
    std::string bucket;
    std::string collection;
    bool inside;
  };
  const std::vector<Case> cases{
      {{"*/*"}, "main", "one", true},
      {{"main/*"}, "main", "one", true},
      {{"main/*"}, "main-preview", "one", false},
      {{"main/one"}, "main", "two", false},
      {{"main/one", "other/*"}, "other", "two", true},
      {{"m*/o?e"}, "main", "one", true},
      {{}, "main", "one", false},
      // Each user's own alias, and the daemon's own bucket.
      {{"*/*"}, "default", "one", false},
      {{"default/*"}, "default", "one", false},
      {{"*/*"}, "kinto-mirror", "checkpoints", false},
      {{"kinto-mirror/checkpoints"}, "kinto-mirror", "checkpoints", false},
      {{"*/*"}, "kinto-mirror-2", "one", true},
      // Another daemon's test is followed only where it is spelled out.
      {{"*/*"}, "selftest-1", "one", false},
      {{"self*/*"}, "selftest-1", "one", false},
      {{"selftest-1/*"}, "selftest-1", "one", true},
      {{"selftest-*/*"}, "selftest-1", "one", true},
      {{"*/*"}, "selftest", "one", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.bucket);
    CAPTURE(c.collection);
    CAPTURE(c.patterns.size());
    CHECK(Scope(c.patterns).contains(CollectionId(c.bucket, c.collection)) == c.inside);
  }
}

TEST_CASE("a pattern with an exclamation mark takes out, and the last that matches decides") {
  struct Case {
    Names patterns;
    Names inside;
    Names outside;
  };
  const std::vector<Case> cases{
      {{"a/*", "!a/x*"}, {"a/y"}, {"a/x", "a/xx", "b/y"}},
      {{"!a/x*", "a/*"}, {"a/y", "a/x"}, {"b/y"}},
      {{"*/*", "!a/*", "a/x"}, {"a/x", "b/y"}, {"a/y"}},
      {{"*/*", "!a/*", "a/x?", "!*/xy"}, {"a/xz", "b/y"}, {"a/xy", "b/xy", "a/z"}},
      // Of only such ones, everything but.
      {{"!a/*"},
       {"b/x", "kinto-mirror-2/x"},
       {"a/x", "default/x", "kinto-mirror/x", "selftest-1/x"}},
      {{"!*/*"}, {}, {"a/x"}},
      {{"a/x", "!b/*"}, {"a/x"}, {"a/y", "b/x", "c/x"}},
      // What lets in spells the self-test's buckets out; what takes out need not.
      {{"selftest-*/*", "!*/x"}, {"selftest-1/y"}, {"selftest-1/x"}},
  };
  const auto id = [](const std::string& name) {
    const std::size_t slash = name.find('/');
    return CollectionId(name.substr(0, slash), name.substr(slash + 1));
  };
  for (const Case& c : cases) {
    CAPTURE(c.patterns);
    const Scope scope(c.patterns);
    for (const std::string& name : c.inside) {
      CAPTURE(name);
      CHECK(scope.contains(id(name)));
    }
    for (const std::string& name : c.outside) {
      CAPTURE(name);
      CHECK_FALSE(scope.contains(id(name)));
    }
  }
}

TEST_CASE("what is taken out is neither named nor listed") {
  const Scope scope({"a/x", "a/y", "!a/y", "b/*", "!b/*", "c/x?", "!c/x?", "d/*", "!d/x", "e/*",
                     "!e/*", "e/y?", "f/*", "!?/*", "f/z*", "f/w*"});
  CHECK(named(scope).empty());
  CHECK(scope.named_buckets() == Names{"f"});
  const Scope partly({"a/x", "!a/x", "a/x", "b/*", "!b/x", "c/*", "!c/?", "!d/e", "!d/*"});
  CHECK(named(partly) == Names{"a/x"});
  CHECK(partly.named_buckets() == Names{"b", "c"});
  CHECK_FALSE(partly.needs_bucket_list());
  CHECK_FALSE(Scope({"a/x", "!*/y"}).needs_bucket_list());
  CHECK(Scope({"!a/x"}).needs_bucket_list());
}

TEST_CASE("a listed bucket that is taken out is not looked into") {
  const Scope scope({"!secret/*", "!m?/*", "!part/x", "!*/none"});
  CHECK_FALSE(scope.may_hold("secret"));
  CHECK_FALSE(scope.may_hold("m1"));
  CHECK(scope.may_hold("main"));
  CHECK(scope.may_hold("part"));
  const Scope again({"*/*", "!a*/*", "ab*/x", "!*/x"});
  CHECK_FALSE(again.may_hold("aa"));
  CHECK_FALSE(again.may_hold("abc"));
  CHECK(again.may_hold("b"));
}

TEST_CASE("a bucket is covered where one pattern means all of it and nothing is taken out later") {
  struct Case {
    Names patterns;
    std::string bucket;
    bool covered;
  };
  const std::vector<Case> cases{
      {{"*/*"}, "a", true},
      {{"a/*"}, "a", true},
      {{"a/**"}, "a", true},
      {{"a*/*"}, "ab", true},
      {{"a/x"}, "a", false},
      {{"a/x*", "a/*x"}, "a", false},
      {{"b/*"}, "a", false},
      {{}, "a", false},
      {{"*/*", "!a/x"}, "a", false},
      {{"*/*", "!a/x"}, "b", true},
      {{"*/*", "!*/x"}, "b", false},
      {{"!a/x", "a/*"}, "a", true},
      {{"!a/x"}, "b", true},
      {{"!a/x"}, "a", false},
      {{"*/*", "!a/*", "a/x"}, "a", false},
      {{"*/*", "!a/*", "a/*"}, "a", true},
      {{"*/*"}, "default", false},
      {{"*/*"}, "kinto-mirror", false},
      {{"*/*"}, "selftest-1", false},
      {{"selftest-1/*"}, "selftest-1", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.patterns);
    CAPTURE(c.bucket);
    CHECK(Scope(c.patterns).covers_bucket(c.bucket) == c.covered);
  }
}

TEST_CASE("what is spelled out is named, once, and never what no daemon may touch") {
  const Scope scope({"a/b", "a/*", "*/c", "a/?", "d/e", "a/b", "default/x", "kinto-mirror/y"});
  CHECK(named(scope) == Names{"a/b", "d/e"});
}

TEST_CASE("a bucket that is spelled out beside a wildcard need not be listed") {
  const Scope scope({"a/*", "b/c", "d*/x", "e/f?", "default/*", "kinto-mirror/*"});
  CHECK(scope.named_buckets() == Names{"a", "e"});
}

TEST_CASE("buckets are listed only where a wildcard asks for it") {
  CHECK(Scope({"*/*"}).needs_bucket_list());
  CHECK(Scope({"a/b", "m?/x"}).needs_bucket_list());
  CHECK_FALSE(Scope({"a/b", "c/*"}).needs_bucket_list());
}

TEST_CASE("of the listed buckets only those that a wildcard may mean are looked into") {
  const Scope scope({"m*/x", "other/*"});
  CHECK(scope.may_hold("main"));
  CHECK_FALSE(scope.may_hold("other"));  // named, so it comes by itself
  CHECK_FALSE(scope.may_hold("x"));
  const Scope all({"*/*"});
  CHECK(all.may_hold("main"));
  CHECK_FALSE(all.may_hold("default"));
  CHECK_FALSE(all.may_hold("kinto-mirror"));
  CHECK_FALSE(all.may_hold("selftest-9"));
}

TEST_CASE("of what is in scope a shard has its own, and all shards together have it once") {
  const std::vector<std::string> patterns{"a/*", "!a/tmp", "b/named", "b/other"};
  const Scope all(patterns);
  for (const char* name : {"a/x", "a/y", "a/tmp", "b/named", "b/other", "b/none"}) {
    CAPTURE(name);
    const std::string text(name);
    const CollectionId id(text.substr(0, 1), text.substr(2));
    int owners = 0;
    int buckets = 0;
    for (std::uint32_t index = 0; index < 3; ++index) {
      const Shard shard{index, 3};
      const Scope scope(patterns, shard);
      CHECK(scope.matches(id) == all.contains(id));
      CHECK(scope.contains(id) == (all.contains(id) && shard.owns(text)));
      CHECK(scope.owns_bucket(id.bucket) == shard.owns(id.bucket));
      CHECK(named(scope) == Names{"b/named", "b/other"});
      owners += scope.contains(id) ? 1 : 0;
      buckets += scope.owns_bucket(id.bucket) ? 1 : 0;
    }
    CHECK(owners == (all.contains(id) ? 1 : 0));
    CHECK(buckets == 1);
  }
}

}  // namespace kinto_mirror::sync
