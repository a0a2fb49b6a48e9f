#pragma once
// JSON strings to text and back.

#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::json {

// The text that the JSON string `value` stands for, in UTF-8; nothing when it is no string.
std::optional<std::string> to_string(std::string_view value);

// `text` as a JSON string, with its quotes. Half of a surrogate pair, which is no UTF-8, is escaped
// as it was. REQUIRES: beside such halves it is UTF-8, or nobody takes it for JSON.
std::string quoted(std::string_view text);

}  // namespace kinto_mirror::json
