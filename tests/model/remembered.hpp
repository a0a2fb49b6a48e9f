#pragma once
// Answers to reads, kept for as long as they would be given again: most of those who ask poll.

#include "http/transport.hpp"
#include "model/options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kinto_mirror::model {

// What an answer depends on besides the question, its Date and the options: whoever changes those
// calls forget(). Time counts only where a stamp is refused for being too far ahead: an answer that
// refuses nothing stays the same until the clock goes back.
struct Moment {
  std::uint64_t version = 0;  // of the store
  Epoch clock = 0;
};

class Remembered {
 public:
  // Null where it must be answered anew. Points to what the next call may take away.
  const http::Response* find(const std::string& question, Moment now);
  // REQUIRES: find() with the same moment was the last but for such calls as this one.
  void keep(std::string question, const http::Response& answer);
  void forget() { answers_.clear(); }

 private:
  Moment as_of_;  // the answers
  std::unordered_map<std::string, http::Response> answers_;
};

// What questions are made of: what differs is put down differently.
void append_question(std::string& out, std::string_view method, std::string_view target);
void append_headers(std::string& out, const http::Headers& headers);

}  // namespace kinto_mirror::model
