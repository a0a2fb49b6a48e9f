#include "daemon/values.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

template <class T>
std::string reason(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

}  // namespace

TEST_CASE("collections are globs over bucket/collection") {
  using List = std::vector<std::string>;
  CHECK(*parse_collections("*/*") == List{"*/*"});
  CHECK(*parse_collections("main/certs, blog-?/*_x") == List{"main/certs", "blog-?/*_x"});
  CHECK(parse_collections("def*/x").has_value());
  for (const char* bad : {"", "main", "a/b/c", "/b", "a/", "a/b,", ",a/b", "a/b c", "a/b[0]",
                          "a/b\n", "a/\xC3\xA9"}) {
    CAPTURE(bad);
    CHECK(!parse_collections(bad));
  }
  CHECK(reason(parse_collections("x/y,no-slash")).find("\"no-slash\"") != std::string::npos);
  CHECK(reason(parse_collections("default/x")).find("personal") != std::string::npos);
  CHECK(reason(parse_collections("kinto-mirror/*")).find("checkpoints") != std::string::npos);
}

TEST_CASE("a glob behind an exclamation mark takes out") {
  using List = std::vector<std::string>;
  CHECK(*parse_collections("!a/*, b/c,!*/tmp-?") == List{"!a/*", "b/c", "!*/tmp-?"});
  // They are never copied, so that nothing is wrong with taking them out.
  CHECK(parse_collections("!default/*,!kinto-mirror/*").has_value());
  for (const char* bad : {"!", "!a", "!!a/b", "! a/b", "a/!b", "!/b", "!a/", "!a/b/c", "!a/b,"}) {
    CAPTURE(bad);
    CHECK(!parse_collections(bad));
  }
  CHECK(reason(parse_collections("!main")).find("\"!main\"") != std::string::npos);
}

TEST_CASE("what decides about containers") {
  CHECK(*parse_metadata("follow") == sync::Metadata::follow);
  CHECK(*parse_metadata("create") == sync::Metadata::create);
  CHECK(reason(parse_metadata("keep")) == "is neither follow nor create");
  CHECK(*parse_permissions("keep") == sync::Permissions::keep);
  CHECK(*parse_permissions("read") == sync::Permissions::read);
  CHECK(*parse_permissions("copy") == sync::Permissions::copy);
  CHECK(reason(parse_permissions("")) == "is neither keep nor read nor copy");
  CHECK(*parse_groups("keep") == sync::Groups::keep);
  CHECK(*parse_groups("follow") == sync::Groups::follow);
  CHECK(reason(parse_groups("copy")) == "is neither keep nor follow");
  CHECK(*parse_deletions("follow") == sync::Deletions::follow);
  CHECK(*parse_deletions("records") == sync::Deletions::records);
  CHECK(reason(parse_deletions("none")) == "is neither follow nor records");
  CHECK(*parse_on_off("on"));
  CHECK(!*parse_on_off("off"));
  CHECK(reason(parse_on_off("true")) == "is neither on nor off");
}

TEST_CASE("readers are principals, each once") {
  using List = std::vector<std::string>;
  CHECK(*parse_readers("") == List{});
  CHECK(*parse_readers("system.Everyone, a:b,/buckets/b/groups/g,a:b") ==
        List{"system.Everyone", "a:b", "/buckets/b/groups/g"});
  CHECK(parse_readers("system.Authenticated,ldap:a@example.org").has_value());
  for (const char* bad :
       {" ", ",", "a:b,", "everyone", "Everyone", "system.everyone", "a: b", "a:\n", "/groups/g"}) {
    CAPTURE(bad);
    CHECK(!parse_readers(bad));
  }
  CHECK(reason(parse_readers("a:b,system.all")) ==
        "holds \"system.all\", which is unknown to Kinto, which has system.Everyone and "
        "system.Authenticated");
}

TEST_CASE("principals that a list of Kinto can hold") {
  for (const char* good :
       {"system.Everyone", "alice", "a:b", "/buckets/b/groups/g", "x:\xC3\xA9"}) {
    CAPTURE(good);
    CHECK(check_principal(good).has_value());
  }
  for (const char* bad : {"", " ", "a b", " a:b", "a:b\t", "a\x7F", "system.", "system.x"}) {
    CAPTURE(bad);
    CHECK(!check_principal(bad));
  }
}

TEST_CASE("extras") {
  CHECK(*parse_extras("keep") == sync::Extras::keep);
  CHECK(*parse_extras("delete") == sync::Extras::remove);
  CHECK(!parse_extras("remove"));
  CHECK(!parse_extras("Keep"));
}

TEST_CASE("a shard is one of so many") {
  CHECK(*parse_shard("0/1") == sync::Shard{});
  CHECK(*parse_shard("2/3") == sync::Shard{2, 3});
  CHECK(*parse_shard("999/1000") == sync::Shard{999, 1000});
  for (const char* bad :
       {"", "1", "x", "/", "1/", "/3", "-1/2", "+1/2", "3/3", "4/3", "0/0", "1/2/3", "0/1001",
        "1 /2", "1/ 2", "a/b", "0.5/2", "0/99999999999", "0x1/2"}) {
    CAPTURE(bad);
    CHECK(!parse_shard(bad));
  }
  CHECK(reason(parse_shard("3/3")) == "names none of the shards 0 to 2");
  CHECK(reason(parse_shard("1")) == "is not I/N");
}

TEST_CASE("max_delete is a number of records or a share") {
  CHECK(parse_max_delete("0")->value == 0);
  CHECK(!parse_max_delete("25")->percent);
  CHECK(parse_max_delete("25")->value == 25);
  CHECK(parse_max_delete("100%")->percent);
  CHECK(parse_max_delete("100%")->value == 100);
  for (const char* bad :
       {"", "%", "101%", "-1", "-1%", "lots", "1.5%", "10 %", "5%%", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(!parse_max_delete(bad));
  }
}

TEST_CASE("checkpoint") {
  CHECK(*parse_checkpoint("replica") == "");
  CHECK(*parse_checkpoint("file:/var/lib/x") == "/var/lib/x");
  CHECK(!parse_checkpoint("file:"));
  CHECK(!parse_checkpoint("cloud"));
  CHECK(!parse_checkpoint(""));
}

TEST_CASE("listen") {
  CHECK(!parse_listen("off")->enabled);
  const Listen four = *parse_listen("127.0.0.1:8000");
  CHECK(four.enabled);
  CHECK(four.host == "127.0.0.1");
  CHECK(four.port == 8000);
  CHECK(parse_listen("[::1]:80")->host == "::1");
  CHECK(parse_listen("localhost:0")->port == 0);
  for (const char* bad : {"", "nowhere", ":8000", "host:", "host:65536", "host:-1", "host:8a",
                          "::1:80", "[]:80", "a b:80", "[::1]", "[::1]8:80"}) {
    CAPTURE(bad);
    CHECK(!parse_listen(bad));
  }
  CHECK(reason(parse_listen("::1:80")).find("brackets") != std::string::npos);
  CHECK(reason(parse_listen(":8000")).starts_with("names no host (0.0.0.0"));
  CHECK(reason(parse_listen("8000")).starts_with("names no host (0.0.0.0"));
  CHECK(reason(parse_listen("localhost")) == "names no port");
  for (const char* bad : {":99999", "host:99999", ":", "::1:99999"}) {
    CAPTURE(bad);
    CHECK(reason(parse_listen(bad)).find("0..65535") != std::string::npos);
  }
}

TEST_CASE("log level and format") {
  CHECK(*parse_level("trace") == Level::trace);
  CHECK(*parse_level("warn") == Level::warning);
  CHECK(*parse_level("warning") == Level::warning);
  CHECK(!parse_level("loud"));
  CHECK(*parse_log_format("json") == LogFormat::json);
  CHECK(!parse_log_format("xml"));
}

TEST_CASE("names of replicas") {
  CHECK(*parse_name("eu-west.1_a") == "eu-west.1_a");
  CHECK(!parse_name(""));
  CHECK(!parse_name("a b"));
  CHECK(!parse_name(std::string(65, 'a')));
  CHECK(reason(parse_name("master")).find("call the master") != std::string::npos);
}

}  // namespace kinto_mirror::daemon
