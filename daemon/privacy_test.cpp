#include "daemon/privacy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <sys/resource.h>
#include <vector>

namespace kinto_mirror::daemon {

namespace {

std::vector<std::string> blanked(std::vector<std::string> args) {
  std::vector<char*> raw;
  for (std::string& one : args) raw.push_back(one.data());
  blank_secrets(raw);
  return args;
}

}  // namespace

TEST_CASE("the values of secret flags are written over, and nothing else") {
  using Args = std::vector<std::string>;
  CHECK(blanked({"run", "--master-auth", "me:secret", "--master", "http://m/v1"}) ==
        Args{"run", "--master-auth", "*********", "--master", "http://m/v1"});
  CHECK(blanked({"--replica-auth=me:x", "--once"}) == Args{"--replica-auth=****", "--once"});
  CHECK(blanked({"run", "--master-auth"}) == Args{"run", "--master-auth"});
  CHECK(blanked({"--master-auths", "kept"}) == Args{"--master-auths", "kept"});
}

TEST_CASE("no core is written") {
  write_no_cores();
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &limit) == 0);
  CHECK(limit.rlim_cur == 0);
}

}  // namespace kinto_mirror::daemon
