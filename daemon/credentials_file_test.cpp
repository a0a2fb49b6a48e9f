#include "daemon/credentials_file.hpp"

#include "daemon/source.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

struct File {
  std::string path = "/tmp/kinto-mirror-auth-" + std::to_string(::getpid());

  explicit File(const std::string& content) { write(content); }
  ~File() { std::remove(path.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(const std::string& content) const { std::ofstream(path, std::ios::trunc) << content; }
};

Server server_of(const File& file) {
  Server server;
  server.auth_file = file.path;
  server.auth = "bob:old";
  server.authorization = "Basic Ym9iOm9sZA==";
  return server;
}

Instant at(int ms) {
  return Instant{} + Millis{ms};
}

}  // namespace

TEST_CASE("what is refused is read anew, and at most once in some seconds") {
  const File file("bob:old\n");
  CredentialsFile credentials(server_of(file));
  const std::string old = credentials.header();
  CHECK_FALSE(*credentials.refused(old, at(10'000)));  // the same as before
  file.write("bob:new\n");
  CHECK_FALSE(*credentials.refused(old, at(12'999)));
  CHECK(*credentials.refused(old, at(13'000)));
  CHECK(credentials.header() == "Basic Ym9iOm5ldw==");
  CHECK(credentials.auth() == "bob:new");
  CHECK(*credentials.refused(old, at(13'001)));  // another request that was under way
  CHECK_FALSE(*credentials.refused(credentials.header(), at(13'002)));
}

TEST_CASE("a file that is of no use changes nothing") {
  const File file("half");
  CredentialsFile credentials(server_of(file));
  const std::string old = credentials.header();
  const auto told = credentials.refused(old, at(10'000));
  REQUIRE(told.has_error());
  CHECK(told.error().message == file.path + " is neither USER:PASS nor Bearer TOKEN");
  CHECK_FALSE(*credentials.refused(old, at(15'000)));  // told once
  CHECK(credentials.header() == old);
  file.write("Bearer abc");
  CHECK(*credentials.refused(old, at(20'000)));
  CHECK(credentials.header() == "Bearer abc");
  Server other = server_of(file);
  other.auth_file.clear();
  CHECK_FALSE(*CredentialsFile(other).refused(old, at(1)));
}

TEST_CASE("a byte order mark is no part of a secret") {
  const File file(
      "\xEF\xBB\xBF"
      "bob:pass\r\n");
  CHECK(*read_secret(file.path) == "bob:pass");
}

}  // namespace kinto_mirror::daemon
