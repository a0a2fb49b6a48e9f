#pragma once
// What is wrong with a file that is no TOML, in words of ours.

#include <cstddef>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// `description` is the library's, whose words are its parser's and may quote a line that holds a
// secret; the answer holds nothing of it, nor of the file, but a key that stands twice and its
// table. `number`: of the line in `content`, from 1.
std::string toml_fault(std::string_view description, std::string_view content, std::size_t number);

}  // namespace kinto_mirror::daemon
