#pragma once
// One request and its answer on an open stream, with a deadline on every step.

#include "http/beast_transport.hpp"
#include "http/coded_body.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <optional>

namespace kinto_mirror::http {

using PlainStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<PlainStream&>;

// What became of the connection.
struct Outcome {
  bool answer_began = false;  // at least one byte of the answer came
  bool timed_out = false;
  bool reusable = false;  // both sides want to go on, and nothing is left over
};

// For messages: the system's words, without their capital.
std::string describe(const boost::system::error_code& error);

// Stream is PlainStream or TlsStream; `tcp` is the stream itself or what lies below it. Everything
// passed in outlives the conversation.
template <class Stream>
class Conversation {
 public:
  Conversation(Stream& stream, PlainStream& tcp, boost::beast::flat_buffer& buffer,
               const TransportConfig& config)
      : stream_(stream), tcp_(tcp), buffer_(buffer), config_(config) {}

  // `authority` is the value of the Host header. Errors: unreachable, too_large, not_kinto.
  ResultTask<Response> run(const Request& request, std::string authority);

  [[nodiscard]] const Outcome& outcome() const noexcept { return outcome_; }

 private:
  using ErrorTask = Task<boost::system::error_code>;
  using Parser = boost::beast::http::response_parser<CodedBody>;

  ErrorTask write(const Request& request, std::string authority);
  ErrorTask read_header(bool head);
  ErrorTask read_body();
  boost::system::error_code parse();
  void arm(const char* complaint, Millis limit, Millis time, bool slow = false);
  [[nodiscard]] Error explain(const boost::system::error_code& error) const;
  [[nodiscard]] Response take_response();

  Stream& stream_;
  PlainStream& tcp_;
  boost::beast::flat_buffer& buffer_;
  const TransportConfig& config_;
  std::optional<Parser> parser_;  // anew for each interim answer
  Headers headers_;
  Outcome outcome_;
  bool large_ = false;          // the request
  const char* complaint_ = "";  // what to say when the deadline that is armed now passes
  Millis limit_{};
  bool slow_ = false;  // and whether less at once might have come through
};

}  // namespace kinto_mirror::http
