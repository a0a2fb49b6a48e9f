// Addresses and targets: what is taken reads the same when it is written again.

#include "http/url.hpp"

#include "daemon/query.hpp"
#include "fuzz.hpp"
#include "sync/dump/question.hpp"

namespace kinto_mirror::fuzz {

namespace {

void read_server(std::string_view text) {
  const auto url = http::parse_server_url(text);
  if (!url) return;
  const std::string written = url->str();
  const auto again = http::parse_server_url(written);
  hold(again.has_value(), "the URL of a server is none when it is written again");
  hold(again->origin == url->origin && again->base_path == url->base_path,
       "the URL of a server is another one when it is written again");
  hold(again->userinfo.empty(), "the URL of a server tells a user");
  hold(url->base_path.starts_with('/') && !url->base_path.ends_with('/'), "a path is none");
  constexpr std::string_view breaks("\r\n \0", 4);
  hold(written.find_first_of(breaks) == std::string::npos, "a URL holds a line break or a blank");
}

void read_web(std::string_view text) {
  const auto url = http::parse_web_url(text);
  if (!url) return;
  const auto again = http::parse_web_url(url->origin.str() + url->target);
  hold(again.has_value() && *again == *url, "a URL is another one when it is written again");
  hold(url->target.starts_with('/'), "a target does not begin with a slash");
}

void encode(std::string_view text) {
  const std::string encoded = http::percent_encode(text);
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%";
  hold(encoded.find_first_not_of(plain) == std::string::npos, "a byte is not percent-encoded");
  const auto pairs = daemon::read_query("x=" + encoded);
  hold(pairs && pairs->size() == 1 && pairs->front().second == text,
       "what was percent-encoded is another text");
}

void ask(std::string_view text) {
  const auto question = sync::dump::read_question(text);
  hold(!question || question->limit >= 0, "a limit is below zero");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::read_server(text);
  fuzz::read_web(text);
  fuzz::encode(text);
  fuzz::ask(text);
  return 0;
}
