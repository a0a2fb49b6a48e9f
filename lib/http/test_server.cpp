#include "http/test_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <exception>

namespace kinto_mirror::http {

namespace asio = boost::asio;
using asio::ip::tcp;

Peer::Peer(tcp::socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

Task<void> Peer::shake_hands() {
  if (tls_) co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
}

Task<std::size_t> Peer::read_some() {
  char bytes[16384];
  const auto space = asio::buffer(bytes);
  std::size_t count = 0;
  if (tls_) {
    count = co_await tls_->async_read_some(space, asio::use_awaitable);
  } else {
    count = co_await socket_.async_read_some(space, asio::use_awaitable);
  }
  unread_.append(bytes, count);
  co_return count;
}

Task<std::string> Peer::read_header() {
  std::size_t end = std::string::npos;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) co_await read_some();
  std::string header = unread_.substr(0, end + 4);
  unread_.erase(0, end + 4);
  co_return header;
}

Task<std::string> Peer::read_request() {
  std::string request = co_await read_header();
  const std::string name = "Content-Length: ";
  if (const std::size_t at = request.find(name); at != std::string::npos) {
    const std::size_t length = std::stoul(request.substr(at + name.size()));
    while (unread_.size() < length) co_await read_some();
    request += unread_.substr(0, length);
    unread_.erase(0, length);
  }
  co_return request;
}

Task<void> Peer::send(std::string bytes) {
  const auto buffer = asio::buffer(bytes);
  if (tls_) {
    co_await asio::async_write(*tls_, buffer, asio::use_awaitable);
  } else {
    co_await asio::async_write(socket_, buffer, asio::use_awaitable);
  }
}

Task<void> Peer::wait_for_close() {
  while (true) co_await read_some();  // ends with the exception of the end of the stream
}

Task<void> Peer::pause(Millis time) {
  asio::steady_timer timer(socket_.get_executor(), time);
  co_await timer.async_wait(asio::use_awaitable);
}

void Peer::close() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

TestServer::TestServer(asio::io_context& context, Script script, asio::ssl::context* tls)
    : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      tls_(tls) {
  origin_.tls = tls != nullptr;
  origin_.host = "127.0.0.1";
  origin_.port = std::to_string(acceptor_.local_endpoint().port());
  asio::co_spawn(context, listen(), [](const std::exception_ptr&) {});
}

void TestServer::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& weak : peers_) {
    if (const auto peer = weak.lock()) peer->close();
  }
}

Task<void> TestServer::serve(std::shared_ptr<Peer> peer, const Script& script, int number) {
  co_await peer->shake_hands();
  co_await script(*peer, number);
}

Task<void> TestServer::listen() {
  while (true) {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    auto peer = std::make_shared<Peer>(std::move(socket), tls_);
    peers_.push_back(peer);
    ++accepted_;
    // A client that goes away ends its connection's script, and nothing else.
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(peer), script_, accepted_),
                   [](const std::exception_ptr&) {});
  }
}

Task<void> answer_with_number(Peer& peer, int number) {
  while (true) {
    [[maybe_unused]] const std::string request = co_await peer.read_request();
    std::string bytes = answer(std::to_string(number));
    co_await peer.send(std::move(bytes));
  }
}

std::string answer(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void run_bounded(asio::io_context& context, const std::function<Task<void>()>& test) {
  bool done = false;
  std::exception_ptr thrown;
  asio::co_spawn(context, test(), [&](const std::exception_ptr& error) {
    done = true;
    thrown = error;
    context.stop();
  });
  context.run_for(std::chrono::seconds(10));
  context.restart();
  if (thrown) std::rethrow_exception(thrown);
  REQUIRE_MESSAGE(done, "the test hangs");
}

ResultTask<Response> get(Transport& transport, std::string target) {
  const Request request("GET", std::move(target));
  co_return co_await transport.exchange(request);
}

}  // namespace kinto_mirror::http
