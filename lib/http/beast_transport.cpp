#include "http/beast_transport.hpp"

#include "http/now.hpp"
#include "http/pool.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace kinto_mirror::http {

namespace {

// "GET https://host/v1/buckets", without the query: it may hold a token, and seldom helps.
std::string name_of(const Request& request, const Origin& origin) {
  return request.method + " " + origin.str() + request.target.substr(0, request.target.find('?'));
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// What would change the shape of the request on the wire; an id with a line break could, if
// somebody forgot to percent-encode it.
std::string_view fault_of(const Request& request) {
  if (!is_token(request.method)) return "the method is no HTTP token";
  const auto& target = request.target;
  const bool plain =
      std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!target.starts_with('/') || !plain) return "the target is not a percent-encoded path";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || has_line_break(value)) return "a header is malformed";
  }
  return {};
}

// A port that has never answered and closes at once may want TLS.
Error meant_tls(const Error& error) {
  Error out = error;
  out.message += "; does it speak TLS on this port, so that the URL should begin with https://?";
  return out;
}

// Whom it trusts may be what the ca_file said before somebody broke it.
Error not_trusted(const Error& error, const std::string& passed_over) {
  Error out = error;
  if (out.code == Errc::untrusted && !passed_over.empty()) {
    out.message += "; the certificates of before are used, since " + passed_over;
  }
  return out;
}

// Sends on a kept connection if there is one, then, if that one turns out to have been closed, on
// a new one.
ResultTask<Response> send(Lease& lease, const Pool& pool, const Request& request) {
  if (Connection* kept = lease.reuse()) {
    auto answer = co_await kept->exchange(request);
    if (answer || pool.stopped() || !kept->was_stale()) co_return answer;
  }
  const Result<Connection*> fresh = lease.renew();
  if (!fresh) co_return fresh.error();
  const auto opened = co_await (*fresh)->open();
  if (!opened) co_return not_trusted(opened.error(), pool.trust().passed_over());
  auto answer = co_await (*fresh)->exchange(request);
  if (!answer && !pool.answered() && !pool.origin().tls && (*fresh)->was_stale()) {
    answer = meant_tls(answer.error());
  }
  co_return answer;
}

// A free function, so that the transport may be destroyed while it runs.
ResultTask<Response> run(std::shared_ptr<Pool> pool, const Request& request) {
  if (const auto fault = fault_of(request); !fault.empty()) {
    co_return Error(Errc::internal,
                    "malformed request to " + pool->origin().str() + ": " + std::string(fault));
  }
  const std::string name = name_of(request, pool->origin());
  const Instant start = now();
  Result<Response> answer = Error(Errc::stopped, "stopped");
  try {
    Lease lease(pool);
    if (co_await lease.enter()) {
      answer = co_await send(lease, *pool, request);
      if (answer) {
        lease.finish();
        pool->has_answered();
      }
    }
  } catch (const boost::system::system_error& error) {
    answer = Error(Errc::internal, error.code().message());
  }
  // A caller that cancels itself makes whatever was awaited fail, or throw, in its own way.
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  const bool cancelled = state.cancelled() != boost::asio::cancellation_type::none;
  if (pool->config().trace) {
    const int status = answer ? answer->status : 0;
    pool->config().trace(request.method, request.target, status, now() - start);
  }
  if (answer) co_return answer;
  if (pool->stopped() || cancelled) co_return Error(Errc::stopped, "stopped").in(name);
  co_return answer.error().in(name);
}

class BeastTransport final : public Transport {
 public:
  BeastTransport(const boost::asio::any_io_executor& executor, Origin origin,
                 TransportConfig config)
      : pool_(std::make_shared<Pool>(executor, std::move(origin), std::move(config))) {}
  ~BeastTransport() override { pool_->stop(); }

  ResultTask<Response> exchange(const Request& request) override { return run(pool_, request); }
  void abort() override { pool_->stop(); }
  [[nodiscard]] const Origin& origin() const noexcept override { return pool_->origin(); }

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace

Result<void> check_certificates(const TransportConfig& config) {
  const auto context = make_tls_context(config.ca_file);
  if (!context) return context.error();
  return {};
}

std::unique_ptr<Transport> make_transport(const boost::asio::any_io_executor& executor,
                                          Origin origin, TransportConfig config) {
  return std::make_unique<BeastTransport>(executor, std::move(origin), std::move(config));
}

}  // namespace kinto_mirror::http
