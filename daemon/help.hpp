#pragma once

#include <string>

namespace kinto_mirror::daemon {

// The answer to --help: at most 100 columns wide.
std::string help_text();

}  // namespace kinto_mirror::daemon
