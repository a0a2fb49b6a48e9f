#include "daemon/control/ask.hpp"

#include "daemon/control/control.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <chrono>
#include <exception>
#include <ostream>

namespace kinto_mirror::daemon {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::local::stream_protocol;

namespace {

constexpr auto values = asio::as_tuple(asio::use_awaitable);
// For all but what the daemon itself waits for.
constexpr std::chrono::seconds patience{10};

// What the daemon waits for before it answers.
Millis waited_for(const Order& order) {
  if (order.verb == Verb::sync) return order.timeout;
  return order.verb == Verb::pause ? Control::pause_patience : Millis{0};
}

Order order_of(const Config& config) {
  Order order;
  order.verb = config.verb;
  order.patterns = config.order.patterns;
  if (order.verb == Verb::sync) order.timeout = config.order.timeout;
  return order;
}

// Why nobody answers, and what to do about it.
Error no_daemon(const Config& config, const boost::system::error_code& why) {
  const std::string what = "no daemon takes orders at " + config.control +
                           " (--control, KINTO_MIRROR_CONTROL): " + why.message();
  if (why == boost::system::errc::permission_denied) {
    return {Errc::forbidden, what + "; only the daemon's own user and root may give it orders"};
  }
  return {Errc::unreachable, what + "; is it running, and was it given this path?"};
}

Error no_answer(const Config& config, const std::string& why) {
  return {Errc::unreachable, "the daemon at " + config.control + " did not answer: " + why +
                                 "; look at its log, and at `kinto-mirror status`"};
}

struct Question {
  http::verb method = http::verb::get;
  std::string target;
  Millis wait{};  // for the answer, beside the usual patience
};

Task<void> exchange(const Config& config, const Question& question, Result<SocketAnswer>& out) {
  beast::basic_stream<stream_protocol> stream(co_await asio::this_coro::executor);
  stream.expires_after(patience);
  const auto [refused] =
      co_await stream.async_connect(stream_protocol::endpoint(config.control), values);
  if (refused) {
    out = no_daemon(config, refused);
    co_return;
  }
  http::request<http::empty_body> request(question.method, question.target, 11);
  request.set(http::field::host, "localhost");
  request.prepare_payload();
  const auto [unsent, size] = co_await http::async_write(stream, request, values);
  stream.expires_after(patience + question.wait);
  beast::flat_buffer buffer;
  http::response<http::string_body> answer;
  const auto [unread, got] = co_await http::async_read(stream, buffer, answer, values);
  if (unsent || unread) {
    out = no_answer(config, (unread ? unread : unsent).message());
    co_return;
  }
  if (answer.result() == http::status::service_unavailable) {
    out = Error(Errc::unreachable, "the daemon at " + config.control +
                                       " has as many connections as it takes: others wait for "
                                       "what they have ordered; try again later");
    co_return;
  }
  SocketAnswer told;
  told.status = static_cast<int>(answer.result_int());
  told.body = std::move(answer.body());
  out = std::move(told);
}

Result<SocketAnswer> ask(const Config& config, const Question& question) {
  if (config.control.empty()) {
    return Error(
        Errc::unreachable,
        "no daemon can be found: give --control PATH or KINTO_MIRROR_CONTROL, to the daemon "
        "and to this command (neither RUNTIME_DIRECTORY nor XDG_RUNTIME_DIR says where "
        "its socket is, or it is off)");
  }
  if (config.control.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error(Errc::usage,
                 "--control " + config.control +
                     " (KINTO_MIRROR_CONTROL) is too long: a path of a unix socket has "
                     "at most 107 bytes");
  }
  asio::io_context context;
  Result<SocketAnswer> answer = Error(Errc::internal, "not asked");
  asio::co_spawn(context, exchange(config, question, answer), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
  return answer;
}

}  // namespace

int give_order(const Config& config, std::ostream& out, std::ostream& err) {
  const Order order = order_of(config);
  const auto told = ask(config, {http::verb::post, target_of(order), waited_for(order)});
  if (!told) {
    err << "kinto-mirror: " << printable(told.error().message) << "\n";
    return to_int(exit_code_of(told.error().code));
  }
  const auto answer = read_answer(told->body);
  if (!answer) {
    err << "kinto-mirror: what answers at " << config.control << " is no kinto-mirror\n";
    return to_int(ExitCode::unavailable);
  }
  if (config.json) {
    out << told->body;
  } else {
    out << name_of(order.verb) << ": " << printable(answer->message) << "\n";
  }
  return to_int(answer->exit);
}

Result<SocketAnswer> page_over_socket(const Config& config, const std::string& path) {
  return ask(config, {http::verb::get, path, Millis{0}});
}

}  // namespace kinto_mirror::daemon
