#pragma once
// A small HTTP server for pages, and for orders without a body: bounded in everything.

#include "base/clock.hpp"
#include "base/task_group.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// At a TCP port or a unix socket: each is moved into one of these.
using StreamAcceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

struct HttpLimits {
  bool orders = false;                        // POST is answered too
  std::size_t connections = 64;               // at once; one more is told so and closed
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

  Page() = default;
  Page(int status_, std::string type_, std::string body_)
      : status(status_),
        type(std::move(type_)),
        body(std::make_shared<const std::string>(std::move(body_))) {}
};

// What a client asks for. What is percent-encoded in the target stays so.
struct PageRequest {
  bool order = false;  // POST
  std::string path;    // of the target, without query
  std::string query;   // without the '?'
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

  [[nodiscard]] std::size_t connections() const noexcept { return peers_.size(); }

 private:
  struct Peer;
  enum class After { go_on, close };

  Task<void> accept_all(TaskGroup& peers);
  Task<void> serve(std::unique_ptr<Peer> peer);
  Task<After> serve_one(Peer& peer);
  Task<bool> answer(Peer& peer, Page page, bool keep_alive, bool with_body);
  Task<void> linger(Peer& peer);
  void turn_away(boost::asio::generic::stream_protocol::socket socket) const;
  [[nodiscard]] std::string head_of(const Page& page, bool keep_alive) const;

  StreamAcceptor acceptor_;
  Handler handler_;
  HttpLimits limits_;
  std::set<Peer*> peers_;
  bool closed_ = false;
};

}  // namespace kinto_mirror::daemon
