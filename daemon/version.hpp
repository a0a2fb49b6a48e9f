#pragma once
// Which program this is, and of what it was made.

#include <string>

namespace kinto_mirror::daemon {

std::string program_version();  // "0.1.0"

// The commit that an image's version.json names, else that from which it was built; empty where
// neither is known.
std::string program_commit();

// {"version": ..., "commit": ..., "compiler": ..., "libraries": {"boost": "1.81.0", ...}}, and a
// line break. Libraries that are loaded at the start tell their own version.
std::string version_json();

}  // namespace kinto_mirror::daemon
