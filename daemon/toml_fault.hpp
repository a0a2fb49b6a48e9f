#pragma once
// What is wrong with a file that is no TOML, in words of ours.

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// `description` is the library's, whose words are its parser's and may quote a line that holds a
// secret; the answer holds nothing of it, nor of the line in the file, but a key that stands twice.
std::string toml_fault(std::string_view description, std::string_view line);

}  // namespace kinto_mirror::daemon
