#include "daemon/control/socket.hpp"

#include "daemon/test_inputs.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

// A folder of its own, for a socket.
struct Folder {
  std::filesystem::path path;
  boost::asio::io_context context;

  Folder() : path(std::filesystem::temp_directory_path() / ("km-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string socket() const { return (path / "control.sock").string(); }
  Result<ControlSocket> open(const std::string& at) {
    const Loaded loaded = load(with_servers({"--control", at}));
    CHECK(messages(loaded.errors) == "");
    return ControlSocket::open(context.get_executor(), loaded.config);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Folder, "the socket is its user's alone, and goes with the daemon") {
  {
    const auto socket_ = open(socket());
    REQUIRE(socket_.has_value());
    struct stat found {};
    REQUIRE(::lstat(socket().c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777U) == 0600U);
    const auto second = open(socket());
    REQUIRE(second.has_error());
    CHECK(second.error().code == Errc::busy);
    CHECK(contains(second.error().message, "another daemon takes orders there"));
    CHECK(contains(second.error().message, "--control"));
  }
  CHECK(!std::filesystem::exists(socket()));
  CHECK(open(socket()).has_value());
}

TEST_CASE_FIXTURE(Folder, "what a daemon that was killed has left is replaced, and nothing else") {
  {
    boost::asio::local::stream_protocol::acceptor left(
        context, boost::asio::local::stream_protocol::endpoint(socket()));
  }
  REQUIRE(std::filesystem::exists(socket()));
  CHECK(open(socket()).has_value());
  std::ofstream(socket()) << "precious";
  const auto refused = open(socket());
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::usage);
  CHECK(contains(refused.error().message, "no socket"));
  CHECK(std::filesystem::file_size(socket()) == 8);
}

TEST_CASE_FIXTURE(Folder, "a path that cannot be is told with the mend") {
  const auto nowhere = open((path / "none" / "control.sock").string());
  REQUIRE(nowhere.has_error());
  CHECK(contains(nowhere.error().message, "No such file"));
  const auto longer = open("/" + std::string(200, 'x'));
  REQUIRE(longer.has_error());
  CHECK(contains(longer.error().message, "shorter than 108"));
}

TEST_CASE("where nothing says it, the socket is in the folder that the system made") {
  CHECK(default_control("/run/kinto-mirror:/run/other", "/run/user/1") ==
        "/run/kinto-mirror/control.sock");
  CHECK(default_control("", "/run/user/1") == "/run/user/1/kinto-mirror.sock");
  CHECK(default_control("", "") == "");
  const Loaded loaded = load({"audit"}, {{"XDG_RUNTIME_DIR", "/run/user/1"}});
  CHECK(messages(loaded.errors) == "");
  CHECK(loaded.config.control == "/run/user/1/kinto-mirror.sock");
  CHECK(load({"audit", "--control", "off"}).config.control == "");
  CHECK(contains(only_error(load({"audit", "--control", "x"})).message, "neither off nor a path"));
}

}  // namespace kinto_mirror::daemon
