#pragma once
// A small HTTP server for pages, and for orders without a body: bounded in everything.

#include "base/clock.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// At a TCP port or a unix socket: each is moved into one of these.
using StreamAcceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

struct HttpLimits {
  bool orders = false;  // POST is answered too
  // At once. Of more than these the one that has been silent for longest is cut; where each of them
  // waits for its answer, one has a place besides, and the next is told so and closed.
  std::size_t connections = 64;
  std::size_t header = std::size_t{8} << 10;  // bytes of a request; it may have no body
  Millis request_time{10'000};                // from one answer (or the connect) to the next header
  Millis write_time{10'000};                  // for a whole answer
  Millis linger_time{1'000};                  // for a refused client to read why
};

// A page as it is answered. The body is shared, so that many slow readers hold it once.
struct Page {
  int status = 200;
  std::string type = "application/json";
  std::shared_ptr<const std::string> body;
  std::vector<std::string> headers;  // further ones, each as "Name: value"

  Page() = default;
  Page(int status_, std::string type_, std::string body_)
      : status(status_),
        type(std::move(type_)),
        body(std::make_shared<const std::string>(std::move(body_))) {}
};

// What a client asks for. What is percent-encoded in the target stays so.
struct PageRequest {
  bool order = false;              // POST
  std::string path;                // of the target, without query
  std::string query;               // without the '?'
  std::string authorization = {};  // the header's value; empty: none
  // Of an order: who gave it has hung up. Good until the handler returns; nothing: not looked for.
  const Stop* gone = nullptr;
};

// One thread. What a client does wrong ends its connection and nothing else.
class HttpServer {
 public:
  // May wait; must end soon after close().
  using Handler = std::function<Task<Page>(PageRequest request)>;

  HttpServer(StreamAcceptor acceptor, Handler handler, HttpLimits limits = {});

  // Serves until close(), and ends when the last connection has ended. REQUIRES: called once, and
  // awaited before the server goes.
  Task<void> run();

  // Stops listening and drops every connection.
  void close();

  // Without those that were cut.
  [[nodiscard]] std::size_t connections() const noexcept;

 private:
  struct Peer;
  enum class After { go_on, close };

  Task<void> accept_all(TaskGroup& peers);
  Task<void> serve(std::unique_ptr<Peer> peer);
  Task<After> serve_one(Peer& peer);
  Task<Page> handle(Peer& peer, PageRequest request);
  static Task<void> watch(Peer& peer, Stop& gone);
  Task<bool> answer(Peer& peer, Page page, bool keep_alive, bool with_body);
  Task<void> linger(Peer& peer);
  // False: there is no place for one more.
  bool make_room();
  void turn_away(boost::asio::generic::stream_protocol::socket socket) const;
  [[nodiscard]] std::string head_of(const Page& page, bool keep_alive) const;

  StreamAcceptor acceptor_;
  Handler handler_;
  HttpLimits limits_;
  std::set<Peer*> peers_;
  std::uint64_t waits_ = 0;  // for clients, that were begun
  bool closed_ = false;
};

}  // namespace kinto_mirror::daemon
