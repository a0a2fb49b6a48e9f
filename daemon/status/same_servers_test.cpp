#include "daemon/status/same_servers.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

Server at(const std::string& url) {
  Server server;
  server.url = *http::parse_server_url(url);
  return server;
}

constexpr std::string_view state =
    R"({"master": {"url": "http://m/v1"}, "replicas": [{"url": "http://r/v1"}, {"url": "http://q/v1"}]})";

}  // namespace

TEST_CASE("both pages tell which servers the daemon has") {
  const auto told = told_servers(state);
  REQUIRE(told);
  CHECK(told->master == "http://m/v1");
  CHECK(told->replicas == std::vector<std::string>{"http://r/v1", "http://q/v1"});
  const auto beat = told_servers(
      R"({"status": "ok", "details": {"master": {"url": "http://m/v1"}, "r": {"url": "http://r/v1"}}})");
  REQUIRE(beat);
  CHECK(beat->master == "http://m/v1");
  CHECK(beat->replicas == std::vector<std::string>{"http://r/v1"});
  for (const auto* other : {"<html>", "[]", "{}", R"({"details": 5})", R"({"replicas": 5})"}) {
    CHECK(!told_servers(other));
  }
  CHECK(told_servers(R"({"replicas": [5], "master": 6})")->master.empty());
}

TEST_CASE("another daemon is told from the one that is meant") {
  const Told told = *told_servers(state);
  Config config;
  CHECK(!other_servers(config, "a:1", told));  // nothing to compare with
  config.master = at("http://m/v1");
  CHECK(!other_servers(config, "a:1", told));
  config.replicas = {at("http://q/v1"), at("http://r/v1")};
  CHECK(!other_servers(config, "a:1", told));
  config.replicas = {at("http://q/v1")};
  REQUIRE(other_servers(config, "a:1", told));
  CHECK(other_servers(config, "a:1", told)
            ->starts_with("another daemon answers at a:1: it copies http://m/v1 to http://r/v1, "
                          "http://q/v1, and this "
                          "configuration says http://q/v1; give"));
  config.master = at("http://other/v1");
  CHECK(other_servers(config, "a:1", told)->find("says http://other/v1 and http://q/v1;") !=
        std::string::npos);
}

}  // namespace kinto_mirror::daemon
