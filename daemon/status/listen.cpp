#include "daemon/status/listen.hpp"

#include "http/resolve.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::string_view another_address =
    "; give another address, port 0 for any free one, or off, with --listen, KINTO_MIRROR_LISTEN "
    "or listen under [status]";

std::string where(const Config& config) {
  const Origin origin = origin_of(config, "status.listen");
  const std::string name = origin.place.empty() ? "--listen" : origin.place;
  return name + ": cannot listen at " + address_text(config.listen.host, config.listen.port);
}

// IPv4 first: "localhost" is 127.0.0.1 to most who ask.
Result<tcp::endpoint> endpoint_of(const Listen& listen) {
  error_code error;
  const auto address = asio::ip::make_address(listen.host, error);
  if (!error) return tcp::endpoint(address, listen.port);
  auto found = http::look_up_host(listen.host, std::to_string(listen.port));
  if (!found) return found.error();
  const auto four = std::ranges::find_if(
      *found, [](const tcp::endpoint& endpoint) { return endpoint.address().is_v4(); });
  return four == found->end() ? found->front() : *four;
}

error_code listen_at(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

bool listen_was_given(const Config& config) {
  return origin_of(config, "status.listen").kind != Origin::Kind::fallback;
}

Result<tcp::acceptor> open_listener(const asio::any_io_executor& executor, const Config& config) {
  const Errc wrong =
      origin_of(config, "status.listen").kind == Origin::Kind::flag ? Errc::usage : Errc::config;
  auto endpoint = endpoint_of(config.listen);
  if (!endpoint) {
    return Error(wrong,
                 where(config) + ": " + endpoint.error().message + std::string(another_address));
  }
  tcp::acceptor acceptor(executor);
  const error_code error = listen_at(acceptor, *endpoint);
  if (!error) return acceptor;
  const bool taken = error == asio::error::address_in_use;
  return Error(taken ? Errc::busy : wrong,
               where(config) + ": " + (taken ? "another process has the port" : error.message()) +
                   std::string(another_address));
}

std::string address_text(const std::string& host, std::uint16_t port) {
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Listen> asked_address(const Config& config) {
  Listen listen = config.listen;
  if (!listen.enabled) {
    return Error(Errc::config,
                 "the status pages are off; give the daemon, and this command, --listen HOST:PORT "
                 "or KINTO_MIRROR_LISTEN");
  }
  if (listen.port == 0) {
    return Error(Errc::config,
                 "with port 0 nobody knows which port the daemon took but its log (status.listening"
                 "); give it with --listen HOST:PORT");
  }
  error_code error;
  const auto address = asio::ip::make_address(listen.host, error);
  if (!error && address.is_unspecified()) listen.host = address.is_v6() ? "::1" : "127.0.0.1";
  return listen;
}

}  // namespace kinto_mirror::daemon
