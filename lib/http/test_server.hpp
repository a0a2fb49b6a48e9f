#pragma once
// A server that does exactly what a test tells it, byte for byte, and a bound on every test.

#include "http/transport.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::http {

// The server's side of one connection. Its coroutines throw when the client has gone.
class Peer {
 public:
  Peer(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

  Task<void> shake_hands();          // for a server with TLS, before anything else
  Task<std::string> read_header();   // one request's header, as it came
  Task<std::string> read_request();  // header and body
  Task<void> send(std::string bytes);
  Task<void> wait_for_close();
  Task<void> pause(Millis time);
  void close();

 private:
  Task<std::size_t> read_some();

  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  std::string unread_;
};

class TestServer {
 public:
  // What to do with each connection; `number` counts from 1.
  using Script = std::function<Task<void>(Peer& peer, int number)>;

  TestServer(boost::asio::io_context& context, Script script,
             boost::asio::ssl::context* tls = nullptr);
  ~TestServer() { close(); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] Origin origin() const { return origin_; }
  [[nodiscard]] int accepted() const { return accepted_; }

  // Stops listening and drops every connection.
  void close();

 private:
  static Task<void> serve(std::shared_ptr<Peer> peer, const Script& script, int number);
  Task<void> listen();

  boost::asio::ip::tcp::acceptor acceptor_;
  Script script_;
  boost::asio::ssl::context* tls_;
  Origin origin_;
  int accepted_ = 0;
  std::vector<std::weak_ptr<Peer>> peers_;
};

// Answers every request with 200 and the number of the connection.
Task<void> answer_with_number(Peer& peer, int number);

std::string answer(std::string_view body);

// Runs `test` to its end, and fails it after 10 s. Exceptions come out.
void run_bounded(boost::asio::io_context& context, const std::function<Task<void>()>& test);

ResultTask<Response> get(Transport& transport, std::string target);

}  // namespace kinto_mirror::http
