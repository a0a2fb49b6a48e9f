#pragma once
// Settings from the configuration file.

#include "daemon/source.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// `name` is how errors and origins call the file.
Source read_toml(std::string_view content, const std::string& name);

// As above, from disk.
Source read_toml_file(const std::string& path);

}  // namespace kinto_mirror::daemon
