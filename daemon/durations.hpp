#pragma once
// Durations as an operator writes them: "250ms", "5s", "1m30s", "1h".

#include "base/clock.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// Whole numbers with a unit (h, m, s, ms), the larger unit first, each at most once. The message
// of an error continues a sentence that begins with the value: "is not a duration".
Result<Millis> parse_duration(std::string_view text);

// As above, and within [least, most].
Result<Millis> parse_duration(std::string_view text, Millis least, Millis most);

// The shortest text that parse_duration() reads back: "1m30s", "0s".
std::string format_duration(Millis duration);

}  // namespace kinto_mirror::daemon
