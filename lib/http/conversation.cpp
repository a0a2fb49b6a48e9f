#include "http/conversation.hpp"

#include "http/now.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cctype>

namespace kinto_mirror::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

bool is_own_header(std::string_view name) {
  constexpr const char* own[] = {"Host", "Content-Length", "User-Agent", "Connection"};
  return std::any_of(std::begin(own), std::end(own),
                     [name](const char* header) { return same_name(name, header); });
}

bool is_cut(const error_code& error) {
  return error == beast::http::error::end_of_stream ||
         error == beast::http::error::partial_message || error == asio::error::eof ||
         error == asio::error::connection_reset || error == asio::error::broken_pipe ||
         error == asio::ssl::error::stream_truncated;
}

}  // namespace

std::string describe(const error_code& error) {
  std::string text = error.message();
  if (!text.empty()) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

// `time` is what is left of `limit`, which the message names.
template <class Stream>
void Conversation<Stream>::arm(const char* complaint, Millis limit, Millis time, bool slow) {
  slow_ = slow;
  complaint_ = complaint;
  limit_ = limit;
  tcp_.expires_after(std::max(time, Millis::zero()));
}

template <class Stream>
auto Conversation<Stream>::write(const Request& request, std::string authority) -> ErrorTask {
  using Body = beast::http::span_body<const char>;  // the body is sent from where it is
  beast::http::request<Body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  for (const auto& [name, value] : request.headers) {
    if (!is_own_header(name)) message.insert(name, value);
  }
  message.set(beast::http::field::host, authority);
  message.set(beast::http::field::user_agent, config_.user_agent);
  message.body() = beast::span<const char>(request.body.data(), request.body.size());
  message.prepare_payload();

  arm("the request could not be sent within", config_.write_timeout, config_.write_timeout, large_);
  const auto [error, written] = co_await beast::http::async_write(stream_, message, as_values);
  co_return error;
}

template <class Stream>
auto Conversation<Stream>::read_header(bool head) -> ErrorTask {
  // What the system has taken for sent may be on its way still.
  arm("no answer within", config_.header_timeout, config_.header_timeout, large_);
  do {  // an interim answer (1xx) announces another one
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(config_.header_limit));
    parser_->body_limit(config_.body_limit);
    parser_->get().body().limit = config_.body_limit;
    parser_->skip(head);  // a HEAD's Content-Length tells of a body that does not come
    const auto [error, read] =
        co_await beast::http::async_read_header(stream_, buffer_, *parser_, as_values);
    outcome_.answer_began = outcome_.answer_began || parser_->got_some() || buffer_.size() > 0;
    if (error) co_return error;
  } while (parser_->get().result_int() < 200);
  // Now: the fields that may follow a body in chunks come among these, and are none of them.
  for (const auto& field : parser_->get()) {
    headers_.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  co_return error_code();
}

// Beast's own reading of a body goes on while the parser waits for the head of the next chunk, so
// that a body in small chunks seems to stall although it comes.
template <class Stream>
auto Conversation<Stream>::read_body() -> ErrorTask {
  constexpr std::size_t body_read_size = std::size_t{64} << 10;
  const Instant deadline = now() + config_.answer_timeout;
  parser_->eager(true);
  if (const error_code bad = parse()) co_return bad;
  while (!parser_->is_done()) {
    const Millis left = deadline - now();
    if (left < config_.progress_timeout) {
      // Something came a moment ago, or nothing has for long.
      const bool flows = left < config_.progress_timeout / 2;
      arm("the answer was not complete within", config_.answer_timeout, left, flows);
    } else {
      arm("the answer stalled for", config_.progress_timeout, config_.progress_timeout);
    }
    auto [error, read] =
        co_await stream_.async_read_some(buffer_.prepare(body_read_size), as_values);
    buffer_.commit(read);
    if (error == asio::error::eof) {
      error = {};
      parser_->put_eof(error);  // fine where the end of the connection is that of the body
      co_return error;
    }
    if (error) co_return error;
    if (const error_code bad = parse()) co_return bad;
  }
  co_return error_code();
}

// All that can be taken of what has come; a piece of it may have to wait for the rest.
template <class Stream>
error_code Conversation<Stream>::parse() {
  while (buffer_.size() > 0 && !parser_->is_done()) {
    error_code error;
    const std::size_t taken = parser_->put(buffer_.data(), error);
    buffer_.consume(taken);
    if (error == beast::http::error::need_more) break;
    if (error) return error;
    if (taken == 0) break;
  }
  // The head of a chunk is all that the parser ever waits for.
  const bool endless = !parser_->is_done() && buffer_.size() > config_.header_limit;
  return endless ? make_error_code(beast::http::error::buffer_overflow) : error_code();
}

template <class Stream>
Error Conversation<Stream>::explain(const error_code& error) const {
  using Http = beast::http::error;
  if (error == beast::error::timeout) {
    Error late(Errc::unreachable,
               std::string(complaint_) + " " + std::to_string(limit_.count()) + " ms");
    late.slow = slow_;
    return late;
  }
  if (error == Http::body_limit) {
    return Error(Errc::too_large, "the answer's body exceeds the limit of " +
                                      std::to_string(config_.body_limit) + " bytes");
  }
  if (parser_ && !parser_->get().body().fault.empty()) {
    const auto& body = parser_->get().body();
    return Error(body.cut ? Errc::unreachable : Errc::not_kinto, body.fault);
  }
  if (error == Http::header_limit || error == Http::buffer_overflow) {
    return Error(Errc::too_large, "the answer's header exceeds the limit of " +
                                      std::to_string(config_.header_limit) + " bytes");
  }
  if (is_cut(error)) {
    Error cut(Errc::unreachable, outcome_.answer_began
                                     ? "the connection was cut in the middle of the answer"
                                     : "the server closed the connection without an answer");
    cut.cut = true;
    return cut;
  }
  if (error.category() == make_error_code(Http::bad_version).category()) {
    return Error(Errc::not_kinto, "the answer is no HTTP (" + describe(error) +
                                      "); check the URL's port, and http against https");
  }
  return Error(Errc::unreachable, describe(error));
}

template <class Stream>
Response Conversation<Stream>::take_response() {
  outcome_.reusable = parser_->get().keep_alive() && !parser_->need_eof() && buffer_.size() == 0;
  auto message = parser_->release();
  Response response;
  response.status = static_cast<int>(message.result_int());
  response.headers = std::move(headers_);
  response.body = std::move(message.body().text);
  return response;
}

template <class Stream>
ResultTask<Response> Conversation<Stream>::run(const Request& request, std::string authority) {
  const bool head = request.method == "HEAD";
  constexpr std::size_t large = 16'384;  // bytes, that a line may take long for
  large_ = request.body.size() >= large;
  const error_code not_sent = co_await write(request, std::move(authority));
  error_code error = not_sent;
  // A server that refuses a request (413) may stop reading it and close; its answer is there.
  if (!error || is_cut(error)) {
    error = co_await read_header(head);
    if (!error) error = co_await read_body();
    if (error && not_sent) error = not_sent;
  }
  tcp_.expires_never();
  outcome_.timed_out = error == beast::error::timeout;
  if (error) co_return explain(error);
  Response response = take_response();
  if (not_sent) outcome_.reusable = false;
  co_return response;
}

template class Conversation<PlainStream>;
template class Conversation<TlsStream>;

}  // namespace kinto_mirror::http
