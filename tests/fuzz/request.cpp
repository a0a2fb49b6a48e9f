// The server of the status pages and of the control socket: whatever a client sends, it gets whole
// answers or none, and the server goes on.

#include "daemon/control/orders.hpp"
#include "daemon/status/http_server.hpp"
#include "fuzz.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <exception>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace kinto_mirror::fuzz {

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

Task<daemon::Page> answer(daemon::PageRequest request) {
  hold(request.path.find('?') == std::string::npos, "a path holds a query");
  std::string body = request.path;
  if (request.order) {
    const auto order = daemon::read_order(request.path, request.query);
    if (!order) body = order.error().message;
  }
  const int status = request.path == "/none" ? 404 : 200;
  co_return daemon::Page(status, "text/plain", body);
}

// One server, which lives as long as the fuzzer.
class Standing {
 public:
  Standing() {
    // A name without a file, which goes with the process.
    const std::string name =
        std::string(1, '\0') + "kinto-mirror-fuzz-" + std::to_string(::getpid());
    place_ = stream_protocol::endpoint(name);
    stream_protocol::acceptor acceptor(context_, place_);
    daemon::HttpLimits limits;
    limits.orders = true;
    limits.header = 1024;
    server_.emplace(daemon::StreamAcceptor(std::move(acceptor)), answer, limits);
    asio::co_spawn(context_, server_->run(), [](const std::exception_ptr& error) {
      hold(!error, "the server ends by an exception");
      hold(false, "the server ends");
    });
  }

  // What it answers to a client that sends this and no more.
  std::string ask(std::string_view bytes) {
    stream_protocol::socket client(context_);
    client.connect(place_);
    client.non_blocking(true);
    asio::write(client, asio::buffer(bytes.data(), bytes.size()));
    client.shutdown(asio::socket_base::shutdown_send);
    std::string got;
    std::array<char, 4096> piece{};
    for (bool open = true; open;) {
      context_.poll();
      error_code error;
      const std::size_t size = client.read_some(asio::buffer(piece), error);
      got.append(piece.data(), size);
      open = !error || error == asio::error::would_block;
    }
    client.close();
    while (server_->connections() > 0) context_.poll();
    return got;
  }

 private:
  asio::io_context context_;
  stream_protocol::endpoint place_;
  std::optional<daemon::HttpServer> server_;
};

void judge(std::string_view answers) {
  if (answers.empty()) return;
  hold(answers.starts_with("HTTP/1.1 "), "what comes is no answer");
  const std::size_t head = answers.find("\r\n\r\n");
  hold(head != std::string_view::npos, "an answer has no end of its header");
  hold(answers.substr(0, head).find("\r\nContent-Length: ") != std::string_view::npos,
       "an answer does not tell its length");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  static fuzz::Standing server;
  fuzz::judge(server.ask(fuzz::text_of(data, size)));
  return 0;
}
