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

TEST_CASE("extras") {
  CHECK(*parse_extras("keep") == sync::Extras::keep);
  CHECK(*parse_extras("delete") == sync::Extras::remove);
  CHECK(!parse_extras("remove"));
  CHECK(!parse_extras("Keep"));
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
