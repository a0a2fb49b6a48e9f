// Answers of batches, and what is told by the body of any answer.

#include "kinto/batch.hpp"

#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "oracle.hpp"

#include <algorithm>

namespace kinto_mirror::fuzz {

namespace {

using kinto::Answer;

bool has_status(const bj::value& part) {
  const bj::value* const status = in(part, "status");
  return status != nullptr && status->is_int64() && status->get_int64() >= 100 &&
         status->get_int64() <= 599;
}

// A part may hold one thing twice, of which either side takes whichever it likes.
void compare(const Answer& answer, const bj::value& part) {
  hold(has_status(part), "an answer without a status is taken");
  hold(in(part, "status")->get_int64() == answer.status, "a status is another one");
  for (const std::string& slice : {answer.rows, answer.object, answer.permissions}) {
    hold(slice.empty() || by_boost(slice), "what was cut out is no JSON");
  }
}

void judge(std::string_view text, const std::optional<bj::value>& whole) {
  const bj::value* const parts = whole ? in(*whole, "responses") : nullptr;
  const std::size_t expected =
      parts != nullptr && parts->is_array() ? parts->get_array().size() : 1;
  const auto answers = kinto::parse_batch(text, expected);
  if (!answers) {
    const bool all = parts != nullptr && parts->is_array() &&
                     std::ranges::all_of(parts->get_array(), has_status);
    // Of a member that stands there twice, or in other letters, we may have met another one.
    const bool ambiguous =
        holds_twice(text, "\"responses\"") || text.find("\\u") != std::string_view::npos;
    hold(!all || ambiguous, "a batch is refused");
    return;
  }
  hold(parts != nullptr && parts->is_array(), "what is no batch is taken");
  hold(answers->size() == expected, "answers are missed");
  for (std::size_t i = 0; i < expected; ++i) compare((*answers)[i], parts->get_array()[i]);
  hold(!kinto::parse_batch(text, expected + 1), "a batch is taken for a longer one");
}

// What is asked is JSON, whatever stands in the path.
void ask(std::string_view text) {
  constexpr std::size_t enough = 64;
  text = text.substr(0, enough);
  kinto::Subrequest request("PUT", "/" + std::string(text));
  request.guard = kinto::Subrequest::Guard::if_absent;
  request.data = "{}";
  const std::string body = kinto::batch_body({request, request});
  const auto sent = by_boost(body);
  if (to_valid_utf8(text) != text) return;
  hold(sent.has_value(), "a batch that is asked is no JSON");
  const bj::array& requests = in(*sent, "requests")->get_array();
  hold(requests.size() == 2 && text_in(*in(requests[1], "path")) == request.path,
       "a request is another one in its batch");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  namespace kinto = kinto_mirror::kinto;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::judge(text, fuzz::by_boost(text));
  fuzz::ask(text);
  kinto::Answer answer;
  kinto::read_answer_body(text, answer);
  const std::string words = kinto::words_of(text);
  fuzz::hold(!answer.message.empty() || words.size() <= 80, "the words of an answer are many");
  fuzz::hold(!kinto::said(503, words).empty(), "nothing is said of a failure");
  return 0;
}
