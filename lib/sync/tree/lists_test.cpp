#include "sync/tree/lists.hpp"

#include "sync/tree/test_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

namespace kinto_mirror::sync {

namespace {

using test::lists;
using Principals = std::map<std::string, std::string>;

const std::string own = "account:mirror";

std::string wanted(Permissions permissions, const std::optional<Lists>& master,
                   std::string_view present, const std::set<std::string>& readers = {},
                   const Principals* principals = nullptr) {
  ListSettings settings;
  settings.permissions = permissions;
  settings.readers = readers;
  settings.principals = principals;
  settings.own_user = own;
  return encode(wanted_lists(master, lists(present), settings));
}

}  // namespace

TEST_CASE("lists are compared as sets, and one that is empty is absent") {
  struct Case {
    std::string shown;
    std::string lists;
  };
  for (const Case& c : {
           Case{R"({"read":["b","a","b"]})", R"({"read":["a","b"]})"},
           Case{R"({"write":["m"],"read":["a"]})", R"({"read":["a"],"write":["m"]})"},
           Case{R"({"write":["m"],"read":[]})", R"({"write":["m"]})"},
           Case{R"({"write":["q\"\u00e9"]})", "{\"write\":[\"q\\\"\xC3\xA9\"]}"},
           Case{R"( { "record:create" : [ "x" ] } )", R"({"record:create":["x"]})"},
       }) {
    CAPTURE(c.shown);
    const auto parsed = parse_lists(c.shown);
    REQUIRE(parsed);
    CHECK(encode(*parsed) == c.lists);
    CHECK(parse_lists(encode(*parsed)) == parsed);
  }
}

TEST_CASE("what is not shown is unknown, and so is what cannot be read") {
  for (const char* shown :
       {"", "{}", "[]", "null", R"({"read":[]})", R"({"read":["a"]",
                            R"({"read":"a"})",
        R"({"read":["a",1]})", R"({"read":["a"],"write":null})", R"({"read":["a",]})"}) {
    CAPTURE(shown);
    CHECK_FALSE(parse_lists(shown));
  }
}

TEST_CASE("a principal has another name on the replica, none, or the same") {
  const Principals names{{"account:bob", "account:robert"}, {"account:gone", ""}, {"x", "y"}};
  const std::set<std::string> some{"account:ann", "account:bob", "account:gone", "x", "y"};
  CHECK(mapped(some, &names) == std::set<std::string>{"account:ann", "account:robert", "y"});
  CHECK(mapped(some, nullptr) == some);
  CHECK(mapped({}, &names).empty());
}

TEST_CASE("what the lists of a container should be") {
  struct Case {
    std::string what;
    Permissions permissions;
    std::optional<Lists> master;
    std::string present;
    std::string wanted;
  };
  const std::string here = R"({"read":["b"],"write":["account:mirror"]})";
  for (const Case& c : {
           Case{"keep: the replica's own", Permissions::keep, lists(R"({"read":["a"]})"), here,
                here},
           Case{"read: that list alone", Permissions::read,
                lists(R"({"read":["a"],"write":["w"],"record:create":["r"]})"), here,
                R"({"read":["a"],"write":["account:mirror"]})"},
           Case{"read: none on the master", Permissions::read, lists(R"({"write":["w"]})"), here,
                R"({"write":["account:mirror"]})"},
           Case{"read: others stay", Permissions::read, lists(R"({"read":["a"]})"),
                R"({"record:create":["r"],"write":["z"]})",
                R"({"read":["a"],"record:create":["r"],"write":["z"]})"},
           Case{"copy: all of them", Permissions::copy,
                lists(R"({"read":["a"],"record:create":["r"],"write":["w"]})"),
                R"({"read":["b"],"record:create":["s"],"write":["z"]})",
                R"({"read":["a"],"record:create":["r"],"write":["w"]})"},
           Case{"copy: the daemon's own user is no difference", Permissions::copy,
                lists(R"({"write":["w"]})"), here, R"({"write":["account:mirror","w"]})"},
           Case{"copy: nor is he added where he is not", Permissions::copy,
                lists(R"({"write":["w"]})"), R"({"read":["account:mirror"],"write":["z"]})",
                R"({"write":["w"]})"},
           // `{}` is unknown, never none (hazards 29 and 47).
           Case{"read: unknown on the master", Permissions::read, std::nullopt, here, here},
           Case{"copy: unknown on the master", Permissions::copy, std::nullopt, here, here},
       }) {
    CAPTURE(c.what);
    CHECK(wanted(c.permissions, c.master, c.present) == c.wanted);
  }
}

TEST_CASE("readers are granted whatever else is asked for, and nothing is taken for it") {
  const std::set<std::string> readers{"system.Everyone"};
  const Lists master = lists(R"({"read":["a"],"write":["w"]})");
  const std::string here = R"({"read":["b"],"write":["w"]})";
  CHECK(wanted(Permissions::keep, master, here, readers) ==
        R"({"read":["b","system.Everyone"],"write":["w"]})");
  CHECK(wanted(Permissions::read, master, here, readers) ==
        R"({"read":["a","system.Everyone"],"write":["w"]})");
  CHECK(wanted(Permissions::copy, master, R"({"write":["w"]})", readers) ==
        R"({"read":["a","system.Everyone"],"write":["w"]})");
  CHECK(wanted(Permissions::copy, std::nullopt, here, readers) ==
        R"({"read":["b","system.Everyone"],"write":["w"]})");
}

TEST_CASE("the master's principals come under their names on the replica, and readers as given") {
  const Principals names{{"a", "A"}, {"gone", ""}, {"reader", "other"}};
  const Lists master = lists(R"({"read":["a","gone"],"write":["gone"]})");
  CHECK(wanted(Permissions::copy, master, "{}", {"reader"}, &names) ==
        R"({"read":["A","reader"]})");
  CHECK(wanted(Permissions::read, master, R"({"read":["a"],"write":["a"]})", {}, &names) ==
        R"({"read":["A"],"write":["a"]})");
}

TEST_CASE("before the load rights are taken away, and none is given") {
  struct Case {
    std::string wanted;
    std::string present;
    std::string now;
  };
  for (const Case& c : {
           Case{R"({"read":["a"]})", "{}", "{}"},
           Case{R"({"read":["a","b"]})", R"({"read":["b","c"]})", R"({"read":["b"]})"},
           Case{R"({"read":["a"]})", R"({"read":["b"],"write":["w"]})", "{}"},
           Case{R"({"write":["w"]})", R"({"read":["b"],"write":["w","x"]})", R"({"write":["w"]})"},
           Case{"{}", R"({"read":["b"]})", "{}"},
           Case{R"({"read":["a"]})", R"({"read":["a"]})", R"({"read":["a"]})"},
       }) {
    CAPTURE(c.wanted);
    CAPTURE(c.present);
    CHECK(encode(without_additions(lists(c.wanted), lists(c.present))) == c.now);
  }
}

TEST_CASE("a difference is told in words, with few names") {
  struct Case {
    std::string wanted;
    std::string present;
    std::string words;
  };
  for (const Case& c : {
           Case{R"({"read":["a"]})", R"({"read":["a"]})", ""},
           Case{R"({"read":["system.Everyone"]})", "{}", "read: lacks system.Everyone"},
           Case{"{}", R"({"read":["b","c"]})", "read: has b, c besides"},
           Case{R"({"read":["a"],"write":["w"]})", R"({"read":["b"],"write":["w","x"]})",
                "read: lacks a, has b besides; write: has x besides"},
           Case{R"({"read":["1","2","3","4","5"]})", "{}", "read: lacks 1, 2, 3, 4, 5"},
           Case{R"({"read":["1","2","3","4","5","6"]})", R"({"read":["1"]})",
                "read: lacks 2, 3, 4, 5, 6"},
           Case{R"({"read":["1","2","3","4","5","6","7"]})", "{}",
                "read: lacks 1, 2, 3, 4, 5, ..."},
       }) {
    CAPTURE(c.words);
    CHECK(describe(lists(c.wanted), lists(c.present)) == c.words);
  }
}

}  // namespace kinto_mirror::sync
