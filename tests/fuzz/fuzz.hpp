#pragma once
// What the fuzzers share. Each is a function over bytes that libFuzzer makes up; it returns 0, and
// aborts where what it looks at does what it must not.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace kinto_mirror::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return size == 0 ? std::string_view()
                   : std::string_view(reinterpret_cast<const char*>(data), size);
}

// Says what does not hold, and has libFuzzer keep the input.
inline void hold(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Whether `part` stands there more than once.
inline bool holds_twice(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != text.rfind(part);
}

// What a fuzzer takes from the front of its input, to choose what it does with the rest.
class Input {
 public:
  explicit Input(std::string_view text) noexcept : text_(text) {}

  // 0 at the end.
  unsigned byte() noexcept {
    if (text_.empty()) return 0;
    const auto first = static_cast<unsigned char>(text_.front());
    text_.remove_prefix(1);
    return first;
  }
  // Up to a line break, which is taken too.
  std::string_view line() noexcept {
    const std::string_view line = text_.substr(0, text_.find('\n'));
    text_.remove_prefix(line.size() == text_.size() ? line.size() : line.size() + 1);
    return line;
  }
  [[nodiscard]] std::string_view rest() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

 private:
  std::string_view text_;
};

}  // namespace kinto_mirror::fuzz
