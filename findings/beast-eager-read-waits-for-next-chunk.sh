#!/usr/bin/env bash
# Boost.Beast 1.81: async_read_some with an eager parser does not return while the chunks of a body keep coming.
#
# One would expect async_read_some to complete once it has read some. What happens: of a body in chunks, the parser
# that is `eager(true)` says "need more" at the missing head of the next chunk although it has just taken a whole one,
# and the operation goes on reading. Each chunk leads to the next wait, so that one call lasts until the end of the
# body. Without eager, which http::async_read_header switches off, each call returns what came.
#
# Who replicates data and restarts a timer for progress before each async_read_some cuts a healthy, slow answer off:
# the timer runs out in one long call, while bytes come all the time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg-query -W -f '${Package} ${Version}\n' libboost1.81-dev

cat >reads.cpp <<'CPP'
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <boost/version.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr int chunks = 4;

asio::awaitable<void> serve(tcp::socket& socket) {
  co_await asio::async_write(
      socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")), use_awaitable);
  asio::steady_timer timer(socket.get_executor());
  for (int i = 0; i <= chunks; ++i) {
    timer.expires_after(std::chrono::milliseconds(400));
    co_await timer.async_wait(use_awaitable);
    const std::string piece = i < chunks ? "3\r\nabc\r\n" : "0\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(piece), use_awaitable);
  }
}

// How many calls of async_read_some returned before the end of the body, with some of it.
asio::awaitable<void> read(tcp::socket& socket, bool eager, int& returned) {
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  co_await http::async_read_header(socket, buffer, parser, use_awaitable);
  parser.eager(eager);
  std::size_t had = 0;
  while (!parser.is_done()) {
    const auto began = std::chrono::steady_clock::now();
    co_await http::async_read_some(socket, buffer, parser, use_awaitable);
    const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - began;
    const std::size_t has = parser.get().body().size();
    std::printf("  a call lasted %.1f s and brought %zu bytes of the body\n", lasted.count(), has - had);
    if (!parser.is_done() && has > had) ++returned;
    had = has;
  }
  if (had != 3 * chunks) std::exit(2);
}

int main() {
  std::printf("Boost %s\n", BOOST_LIB_VERSION);
  int returned[2] = {0, 0};
  for (const bool eager : {false, true}) {
    std::printf("eager(%s):\n", eager ? "true" : "false");
    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
    tcp::socket client(context), server(context);
    client.connect(acceptor.local_endpoint());
    acceptor.accept(server);
    asio::co_spawn(context, serve(server), asio::detached);
    asio::co_spawn(context, read(client, eager, returned[eager]), asio::detached);
    context.run_for(std::chrono::seconds(20));
  }
  std::printf("calls that returned with a part of the body before its end: %d, and with eager %d\n",
              returned[0], returned[1]);
  if (returned[0] != chunks || returned[1] != 0) {
    std::fprintf(stderr, "CHANGED, this was %d and 0\n", chunks);
    return 1;
  }
  std::puts("as described: with eager one call lasted to the end of the body");
}
CPP
timeout 150 g++ -std=c++20 -fcoroutines -O0 reads.cpp -o reads -pthread
timeout 50 ./reads
