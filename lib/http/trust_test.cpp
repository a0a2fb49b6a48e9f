// Which certificates of a ca_file are trusted, and when it is read.

#include "http/trust.hpp"

#include "http/beast_transport.hpp"
#include "http/test_certificates.hpp"
#include "http/test_server.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

namespace kinto_mirror::http {

namespace {

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::trunc) << content;
}

}  // namespace

TEST_CASE("a file that did not change is read once, and a new one with the next connection") {
  const Identity one("DNS:one");
  const Identity two("DNS:two");
  const TemporaryFile file(one.certificate());
  Trust trust(file.path());
  const TlsContext first = *trust.context();
  CHECK(*trust.context() == first);
  write(file.path(), one.certificate() + two.certificate());
  const TlsContext second = *trust.context();
  CHECK(second != first);
  CHECK(*trust.context() == second);
}

TEST_CASE("a file that cannot be used changes nothing until it can") {
  const Identity one("DNS:one");
  const TemporaryFile file(one.certificate());
  Trust trust(file.path());
  const TlsContext first = *trust.context();
  CHECK(trust.passed_over().empty());
  write(file.path(), "half a certif");
  CHECK(*trust.context() == first);
  CHECK(trust.passed_over().find(file.path()) != std::string::npos);
  write(file.path(), one.certificate() + "\n");
  CHECK(*trust.context() != first);
  CHECK(trust.passed_over().empty());
  std::remove(file.path().c_str());
  CHECK(trust.context().has_value());
  write(file.path(), one.certificate());  // the one who owns it removes it
}

TEST_CASE("where there never was a usable one, that is the error") {
  const TemporaryFile file("nothing");
  Trust trust(file.path());
  REQUIRE(!trust.context());
  CHECK(trust.context().error().code == Errc::config);
  const Identity one("DNS:one");
  write(file.path(), one.certificate());
  CHECK(trust.context().has_value());
}

TEST_CASE("an authority that is replaced while connections live is trusted by the next one") {
  const Identity old_authority("DNS:authority");
  const Identity new_authority("DNS:authority");
  const Identity identity("DNS:localhost,IP:127.0.0.1", new_authority);
  const TemporaryFile ca(old_authority.certificate());
  boost::asio::io_context context;
  const auto server_tls = identity.server_context();
  TestServer server(context, answer_with_number, server_tls.get());
  TransportConfig config;
  config.ca_file = ca.path();
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    const auto refused = co_await get(*transport, "/v1/");
    CHECK(refused.has_error());
    write(ca.path(), "half a certif");
    const auto broken = co_await get(*transport, "/v1/");
    REQUIRE(broken.has_error());
    CHECK(broken.error().message.find("the certificates of before are used, since") !=
          std::string::npos);
    write(ca.path(), new_authority.certificate());
    const auto taken = co_await get(*transport, "/v1/");
    CHECK(taken.has_value());
  });
}

}  // namespace kinto_mirror::http
