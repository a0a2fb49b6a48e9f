#pragma once
// "did you mean ...?"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// The name among `known` that `given` most likely stands for; empty where none is near.
std::string nearest(std::string_view given, const std::vector<std::string>& known);

// "a, b, c"
std::string join(const std::vector<std::string>& names);

}  // namespace kinto_mirror::daemon
