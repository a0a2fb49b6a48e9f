#include "http/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <utility>

namespace kinto_mirror::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// 0, to which nobody listens, if `text` is no port.
unsigned short port_number(std::string_view text) {
  unsigned short number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

struct Lookup::State {
  explicit State(const asio::any_io_executor& executor) : resolver(executor), wake(executor) {}

  tcp::resolver resolver;
  asio::steady_timer wake;
  bool cancelled = false;
  bool answered = false;
  boost::system::error_code error;
  Endpoints found;
};

Lookup::Lookup(const asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}

void Lookup::cancel() {
  state_->cancelled = true;
  state_->resolver.cancel();
  state_->wake.cancel();
}

ResultTask<Endpoints> Lookup::run(std::string host, std::string port, Millis timeout) {
  // The frame may outlive this object's owner's patience, never the state.
  const std::shared_ptr<State> state = state_;
  boost::system::error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    Endpoints single;
    single.emplace_back(address, port_number(port));
    co_return single;
  }

  state->wake.expires_after(timeout);
  state->resolver.async_resolve(
      host, port, tcp::resolver::numeric_service,
      [state](boost::system::error_code error, const tcp::resolver::results_type& results) {
        state->answered = true;
        state->error = error;
        for (const auto& entry : results) state->found.push_back(entry.endpoint());
        state->wake.cancel();
      });
  [[maybe_unused]] const auto ignored =
      co_await state->wake.async_wait(asio::as_tuple(asio::use_awaitable));

  if (state->cancelled) co_return Error(Errc::stopped, "stopped");
  if (!state->answered) {
    state->resolver.cancel();
    co_return Error(Errc::unreachable, "the host name could not be resolved within " +
                                           std::to_string(timeout.count()) +
                                           " ms; check the resolver");
  }
  if (state->error || state->found.empty()) {
    co_return Error(Errc::unreachable, "the host name could not be resolved (" +
                                           state->error.message() + "); check the URL's host");
  }
  co_return std::move(state->found);
}

}  // namespace kinto_mirror::http
