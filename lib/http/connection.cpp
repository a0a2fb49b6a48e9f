#include "http/connection.hpp"

#include "http/conversation.hpp"
#include "http/now.hpp"
#include "http/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sys/socket.h>
#include <tuple>

namespace kinto_mirror::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// Beast reads as much at once as its buffer holds, and 512 bytes where that is new: half of a
// load's CPU time would be reads.
constexpr std::size_t read_size = std::size_t{64} << 10;

std::string explain_connect(const error_code& error) {
  std::string text = describe(error);
  if (error == asio::error::connection_refused) {
    text += "; nothing listens there: does the server run, and is this its port?";
  }
  return text;
}

}  // namespace

struct Connection::Impl {
  Impl(const asio::any_io_executor& executor, const Origin& origin_, const TransportConfig& config_,
       TlsContext context)
      : origin(origin_),
        config(config_),
        tls_context(std::move(context)),
        lookup(executor),
        stream(executor) {
    buffer.reserve(read_size);
    if (tls_context) tls.emplace(stream, *tls_context);
  }

  ResultTask<void> connect(Endpoints endpoints, Instant deadline);
  ResultTask<void> shake_hands(Instant deadline);
  [[nodiscard]] Error too_slow() const;
  [[nodiscard]] Error silent_handshake() const;

  template <class Stream>
  ResultTask<Response> converse(Stream& on, const Request& request) {
    const std::string address = origin.str();
    Conversation<Stream> conversation(on, stream, buffer, config);
    auto answer = co_await conversation.run(request, address.substr(address.find("//") + 2));
    outcome = conversation.outcome();
    co_return answer;
  }

  const Origin& origin;
  const TransportConfig& config;
  TlsContext tls_context;  // outlives the session
  Lookup lookup;
  PlainStream stream;
  std::optional<TlsStream> tls;
  beast::flat_buffer buffer;
  Outcome outcome;
  Instant made = now();
  bool aborted = false;
};

// A server that does not speak TLS often waits for the rest of what it takes for a request.
Error Connection::Impl::silent_handshake() const {
  return Error(Errc::unreachable, too_slow().message +
                                      ", since nothing answered the TLS handshake; does the server "
                                      "speak TLS on this port, or should the URL begin with "
                                      "http://?");
}

Error Connection::Impl::too_slow() const {
  return Error(Errc::unreachable,
               "no connection within " + std::to_string(config.connect_timeout.count()) + " ms");
}

// Every address gets its share of the time that is left, so that one which swallows packets does
// not keep the next from its turn.
ResultTask<void> Connection::Impl::connect(Endpoints endpoints, Instant deadline) {
  error_code error = beast::error::timeout;
  auto untried = static_cast<Millis::rep>(endpoints.size());
  for (const tcp::endpoint& endpoint : endpoints) {
    const Millis share = (deadline - now()) / untried--;
    if (share <= Millis::zero()) break;
    stream.expires_after(share);
    std::tie(error) = co_await stream.async_connect(endpoint, as_result);
    if (!error || aborted) break;
    stream.close();
  }
  if (error == beast::error::timeout) co_return too_slow();
  if (error) co_return Error(Errc::unreachable, explain_connect(error));
  error_code ignored;  // without it the exchanges are slower, not wrong
  stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return Result<void>();
}

ResultTask<void> Connection::Impl::shake_hands(Instant deadline) {
  SSL* const session = tls->native_handle();
  if (!expect_host(session, origin.host)) {
    co_return Error(Errc::internal, "OpenSSL refuses the host name");
  }
  stream.expires_after(std::max(deadline - now(), Millis::zero()));
  const auto [error] = co_await tls->async_handshake(asio::ssl::stream_base::client, as_result);
  if (error == beast::error::timeout) co_return silent_handshake();
  if (error) co_return explain_handshake(error, session);
  co_return Result<void>();
}

Connection::Connection(const asio::any_io_executor& executor, const Origin& origin,
                       const TransportConfig& config, TlsContext tls)
    : impl_(std::make_unique<Impl>(executor, origin, config, std::move(tls))) {}

Connection::~Connection() = default;

ResultTask<void> Connection::open() {
  Impl& self = *impl_;
  const Instant deadline = now() + self.config.connect_timeout;
  auto endpoints =
      co_await self.lookup.run(self.origin.host, self.origin.port, self.config.connect_timeout);
  if (!endpoints) co_return endpoints.error();
  auto done = co_await self.connect(std::move(*endpoints), deadline);
  if (done && self.tls) done = co_await self.shake_hands(deadline);
  self.stream.expires_never();
  co_return done;
}

ResultTask<Response> Connection::exchange(const Request& request) {
  if (impl_->tls) return impl_->converse(*impl_->tls, request);
  return impl_->converse(impl_->stream, request);
}

bool Connection::was_stale() const noexcept {
  return !impl_->outcome.answer_began && !impl_->outcome.timed_out;
}

bool Connection::reusable() const noexcept {
  return impl_->outcome.reusable;
}

bool Connection::still_quiet() {
  char byte = 0;
  const auto fd = impl_->stream.socket().native_handle();
  const auto got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Instant Connection::made() const noexcept {
  return impl_->made;
}

void Connection::close_politely() {
  error_code ignored;  // the peer may be gone already
  if (impl_->tls) {
    impl_->stream.socket().non_blocking(true, ignored);
    impl_->tls->shutdown(ignored);  // sends close_notify, and does not wait for the peer's
  }
  impl_->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  impl_->stream.close();
}

void Connection::abort() {
  impl_->aborted = true;  // a stream that is closed would open again for the next address
  impl_->lookup.cancel();
  impl_->stream.close();
}

}  // namespace kinto_mirror::http
