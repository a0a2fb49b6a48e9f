#include "daemon/status/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace kinto_mirror::daemon {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::generic::stream_protocol;
using boost::system::error_code;

namespace {

constexpr auto values = asio::as_tuple(asio::use_awaitable);

// Read and dropped at most, so that a refused client comes to read the answer.
constexpr std::size_t max_dropped = std::size_t{1} << 20;
// After accept() failed: most likely there are too many open files.
constexpr std::chrono::seconds accept_pause{1};

std::string text_of(beast::string_view view) {
  return {view.data(), view.size()};
}

PageRequest request_of(bool order, const http::request<http::empty_body>& request) {
  const std::string text = text_of(request.target());
  const std::size_t end = std::min(text.find('?'), text.size());
  return {order, text.substr(0, end), text.substr(std::min(end + 1, text.size())),
          text_of(request[http::field::authorization])};
}

}  // namespace

std::string HttpServer::head_of(const Page& page, bool keep_alive) const {
  const auto reason = http::obsolete_reason(static_cast<http::status>(page.status));
  std::string head = "HTTP/1.1 " + std::to_string(page.status) + " ";
  head.append(reason.data(), reason.size());
  head += "\r\nContent-Type: " + page.type +
          "\r\nContent-Length: " + std::to_string(page.body->size()) +
          "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  for (const std::string& header : page.headers) head += header + "\r\n";
  if (page.status == 405) {
    head += limits_.orders ? "Allow: GET, HEAD, POST\r\n" : "Allow: GET, HEAD\r\n";
  }
  if (page.status == 503) head += "Retry-After: 5\r\n";
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

namespace {

Page refusal(int status, const std::string& message) {
  return {status, "application/json",
          "{\"code\": " + std::to_string(status) + ", \"message\": \"" + message + "\"}\n"};
}

// What to tell a client whose request cannot be read; nothing where nobody listens any more.
std::optional<Page> refusal_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refusal(431, "the header of the request is too large");
  }
  // A parser's complaint; a connection that was cut or timed out has another category.
  const bool malformed = error.category() == make_error_code(http::error::bad_method).category() &&
                         error != http::error::end_of_stream &&
                         error != http::error::partial_message;
  if (malformed) return refusal(400, "this is no HTTP/1.1 request");
  return std::nullopt;
}

}  // namespace

// Known to the server for as long as it lives, in whatever way it ends.
struct HttpServer::Peer {
  std::set<Peer*>& known;
  beast::basic_stream<stream_protocol> stream;
  beast::flat_buffer buffer;
  // By which of the server's waits it is waited for; 0: it waits for the server.
  std::uint64_t silent = 0;
  bool cut = false;

  Peer(std::set<Peer*>& known_, stream_protocol::socket socket, std::size_t header_limit)
      : known(known_), stream(std::move(socket)), buffer(2 * header_limit) {
    known.insert(this);
  }
  ~Peer() { known.erase(this); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
};

HttpServer::HttpServer(StreamAcceptor acceptor, Handler handler, HttpLimits limits)
    : acceptor_(std::move(acceptor)), handler_(std::move(handler)), limits_(limits) {}

Task<void> HttpServer::run() {
  TaskGroup peers(acceptor_.get_executor());
  co_await accept_all(peers);
  co_await peers.join();
}

std::size_t HttpServer::connections() const noexcept {
  return static_cast<std::size_t>(std::ranges::count(peers_, false, &Peer::cut));
}

void HttpServer::close() {
  closed_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  for (Peer* peer : peers_) peer->stream.close();
}

Task<void> HttpServer::accept_all(TaskGroup& peers) {
  while (!closed_) {
    auto [error, socket] = co_await acceptor_.async_accept(values);
    if (closed_) break;
    if (error) {
      asio::steady_timer pause(acceptor_.get_executor(), accept_pause);
      // close() does not end this wait: it is short.
      [[maybe_unused]] const auto ignored = co_await pause.async_wait(values);
      continue;
    }
    if (!make_room()) {
      turn_away(std::move(socket));
      continue;
    }
    auto peer = std::make_unique<Peer>(peers_, std::move(socket), limits_.header);
    peers.spawn(serve(std::move(peer)));
  }
}

bool HttpServer::make_room() {
  const std::size_t taken = connections();
  if (taken < limits_.connections) return true;
  Peer* longest = nullptr;
  for (Peer* peer : peers_) {
    if (peer->cut || peer->silent == 0) continue;
    if (longest == nullptr || peer->silent < longest->silent) longest = peer;
  }
  if (longest == nullptr) return taken == limits_.connections;
  longest->cut = true;
  longest->stream.close();
  return true;
}

// In one go: a client that takes no answer now gets none.
void HttpServer::turn_away(stream_protocol::socket socket) const {
  error_code ignored;
  const Page page = refusal(503, "too many connections");
  const std::string text = head_of(page, false) + *page.body;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
  // Bytes that are left unread would turn the close into a reset, and the answer would be lost.
  std::array<char, 4096> dropped{};
  socket.read_some(asio::buffer(dropped), ignored);
}

Task<void> HttpServer::serve(std::unique_ptr<Peer> peer) {
  while (!closed_ && !peer->cut) {
    const After after = co_await serve_one(*peer);
    if (after == After::close) break;
  }
}

Task<HttpServer::After> HttpServer::serve_one(Peer& peer) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header));
  parser.body_limit(boost::none);  // no body is read, and its length is no fault of the syntax
  peer.stream.expires_after(limits_.request_time);
  peer.silent = ++waits_;
  const auto [error, size] =
      co_await http::async_read_header(peer.stream, peer.buffer, parser, values);
  if (error) {
    std::optional<Page> page = refusal_of(error);
    if (page && !closed_) {
      const bool told = co_await answer(peer, std::move(*page), false, true);
      if (told) co_await linger(peer);
    }
    co_return After::close;
  }
  const auto& request = parser.get();
  const bool head = request.method() == http::verb::head;
  std::optional<Page> refused;
  const bool order = limits_.orders && request.method() == http::verb::post;
  if (!head && !order && request.method() != http::verb::get) {
    refused = refusal(405, limits_.orders ? "only GET, HEAD and POST are answered"
                                          : "only GET and HEAD are answered");
  } else if (!parser.is_done()) {
    refused = refusal(413, "a request may have no body here");
  }
  if (refused) {
    const bool told = co_await answer(peer, std::move(*refused), false, !head);
    if (told) co_await linger(peer);
    co_return After::close;
  }
  PageRequest asked = request_of(order, request);
  const bool keep_alive = request.keep_alive();
  peer.stream.expires_never();
  peer.silent = 0;
  Page page = co_await handle(peer, std::move(asked));
  if (closed_) co_return After::close;
  const bool told = co_await answer(peer, std::move(page), keep_alive, !head);
  if (told && keep_alive) co_return After::go_on;
  co_return After::close;
}

// An order may be waited for, and who waits for it may hang up.
Task<Page> HttpServer::handle(Peer& peer, PageRequest request) {
  if (!request.order) co_return co_await handler_(std::move(request));
  Stop gone;
  request.gone = &gone;
  TaskGroup watching(acceptor_.get_executor());
  watching.spawn(watch(peer, gone));
  Page page = co_await handler_(std::move(request));
  error_code ignored;
  peer.stream.socket().cancel(ignored);
  co_await watching.join();
  co_return page;
}

// Both directions are closed: who has only said all may still wait for the answer.
Task<void> HttpServer::watch(Peer& peer, Stop& gone) {
  const auto [error] =
      co_await peer.stream.socket().async_wait(stream_protocol::socket::wait_error, values);
  if (!error) gone.request();
}

Task<bool> HttpServer::answer(Peer& peer, Page page, bool keep_alive, bool with_body) {
  const std::string head = head_of(page, keep_alive);
  const std::array<asio::const_buffer, 2> buffers{
      asio::buffer(head), with_body ? asio::buffer(*page.body) : asio::const_buffer()};
  peer.stream.expires_after(limits_.write_time);
  peer.silent = ++waits_;
  const auto [error, size] = co_await asio::async_write(peer.stream, buffers, values);
  co_return !error;
}

// Bytes that are left unread would turn the close into a reset, and the answer would be lost.
Task<void> HttpServer::linger(Peer& peer) {
  error_code ignored;
  peer.stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  peer.stream.expires_after(limits_.linger_time);
  std::array<char, 4096> bytes;
  for (std::size_t dropped = 0; dropped < max_dropped && !closed_;) {
    const auto [error, size] = co_await peer.stream.async_read_some(asio::buffer(bytes), values);
    if (error) break;
    dropped += size;
  }
}

}  // namespace kinto_mirror::daemon
