// The headers of an answer, one to a line: what is read of them stays within its bounds.

#include "fuzz.hpp"
#include "http/inflate.hpp"
#include "kinto/batch.hpp"
#include "kinto/date.hpp"
#include "kinto/freshness.hpp"
#include "kinto/page.hpp"
#include "kinto/redirect.hpp"
#include "kinto/reply.hpp"
#include "kinto/retry.hpp"
#include "sync/decide/checkpoint.hpp"

#include <algorithm>
#include <ctime>

namespace kinto_mirror::fuzz {

namespace {

constexpr Stamp now{1'795'492'095'000};

void read_etag(std::string_view value) {
  const auto stamp = kinto::parse_etag(value);
  if (stamp) {
    hold(kinto::parse_etag("\"" + std::to_string(stamp->ms) + "\"") == stamp,
         "a stamp is another one when it is written again");
    hold(sync::next_cursor(*stamp, now, Millis{15'000}).ms >= 0, "a cursor lies before all");
  }
  kinto::Answer answer;
  kinto::read_etag(value, answer);
  hold(answer.etag == stamp, "an ETag is read in two ways");
  hold(!kinto::no_stamp(value).message.empty(), "nothing is said of an ETag");
}

// The usual form as the C library reads it.
void read_date(std::string_view value) {
  const auto date = kinto::parse_date(value);
  const std::string text(value);
  std::tm parts{};
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  const bool usual = end == text.c_str() + text.size();
  if (!usual || (!text.empty() && (text.back() == ' ' || text.front() == ' '))) return;
  hold(date.has_value() && date->ms == static_cast<std::int64_t>(timegm(&parts)) * 1000,
       "a date is another one");
}

void read_waits(std::string_view value) {
  const auto wait = kinto::asked_wait(value, now);
  constexpr Millis most{300'000};
  hold(!wait || (*wait >= Millis{0} && *wait <= most), "a wait is out of its bounds");
}

void read_token(std::string_view value) {
  const auto token = kinto::token_of(value);
  hold(!token || value.find("_token=" + *token) != std::string_view::npos,
       "a token is none of the URL's");
}

void read_all(const http::Headers& headers) {
  (void)kinto::total_of(headers);
  const Stamp date = kinto::date_of(headers);
  (void)kinto::sign_of_storage(headers, Millis{250});
  (void)kinto::sign_of_age(headers, now);
  kinto::ServerClock clock;
  clock.told(date, Instant{Millis{1000}}, false);
  hold(clock.at_least(Instant{Millis{2000}}) >= Stamp{}, "a clock runs backwards");
  http::Response answer;
  answer.status = 301;
  answer.headers = headers;
  hold(!kinto::redirected(answer).empty(), "nothing is said of a redirect");
  const http::Origin origin{false, "kinto.test", "8888"};
  (void)kinto::redirect_to_itself(origin, "/v1/buckets", answer);
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  fuzz::Input input(fuzz::text_of(data, size));
  kinto_mirror::http::Headers headers;
  while (!input.empty()) {
    const std::string_view line = input.line();
    const std::size_t colon = std::min(line.find(": "), line.size());
    const std::string_view value = line.substr(std::min(colon + 2, line.size()));
    headers.emplace_back(line.substr(0, colon), value);
    fuzz::read_etag(value);
    fuzz::read_date(value);
    fuzz::read_waits(value);
    fuzz::read_token(value);
    (void)kinto_mirror::http::coding_of(value);
  }
  fuzz::read_all(headers);
  return 0;
}
