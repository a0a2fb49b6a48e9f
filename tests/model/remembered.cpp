#include "model/remembered.hpp"

#include <cstring>
#include <utility>

namespace kinto_mirror::model {

namespace {

constexpr std::size_t most_answers = 1'000;

// With its length, so that no two lists of texts are put down alike.
void append_one(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  out.append(bytes, sizeof size);
  out += text;
}

}  // namespace

const http::Response* Remembered::find(const std::string& question, Moment now) {
  if (now.version != as_of_.version || now.clock < as_of_.clock) forget();
  as_of_ = now;
  const auto known = answers_.find(question);
  return known == answers_.end() ? nullptr : &known->second;
}

void Remembered::keep(std::string question, const http::Response& answer) {
  if (answers_.size() >= most_answers) forget();
  answers_.insert_or_assign(std::move(question), answer);
}

void append_question(std::string& out, std::string_view method, std::string_view target) {
  append_one(out, method);
  append_one(out, target);
}

void append_headers(std::string& out, const http::Headers& headers) {
  for (const auto& [name, value] : headers) {
    append_one(out, name);
    append_one(out, value);
  }
  append_one(out, {});
}

}  // namespace kinto_mirror::model
