#include "kinto/reply.hpp"

#include "base/json_slice.hpp"
#include "kinto/batch.hpp"
#include "kinto/date.hpp"
#include "kinto/status.hpp"

namespace kinto_mirror::kinto {

std::optional<std::int64_t> total_of(const http::Headers& headers) {
  auto total = http::find_header(headers, "Total-Objects");
  if (!total) total = http::find_header(headers, "Total-Records");
  return total ? json::to_int(*total) : std::nullopt;
}

Stamp date_of(const http::Headers& headers) {
  const auto date = http::find_header(headers, "Date");
  return date ? parse_date(*date).value_or(Stamp{}) : Stamp{};
}

namespace {

bool is_of_kinto(const http::Response& response) {
  Answer answer;
  read_answer_body(response.body, answer);
  return answer.error_number != 0;
}

}  // namespace

bool is_refused_in_between(std::string_view method, const http::Response& response) {
  const int status = response.status;
  const bool may_be = status == 429 || status == 502 || status == 503 || status == 504;
  return may_be && method != "HEAD" && !is_of_kinto(response);
}

bool is_refusal_in_front(std::string_view method, const http::Response& response) {
  return response.status >= 400 && method != "HEAD" && !is_of_kinto(response);
}

bool is_turned_away(std::string_view method, const http::Response& response) {
  return may_be_turned_away(response.status) && is_refusal_in_front(method, response);
}

}  // namespace kinto_mirror::kinto
