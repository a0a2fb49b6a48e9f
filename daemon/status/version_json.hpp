#pragma once
// Which build this is, as Dockerflow has it: what `/__version__` answers.

#include <string>
#include <vector>

namespace kinto_mirror::daemon {

struct BuildInfo {
  std::string json;    // {"source": ..., "version": ..., "commit": ..., "build": ...}
  std::string commit;  // empty: not known
};

// The first of `files` that holds a JSON object, as it is; without one, what the program knows.
BuildInfo build_info(const std::vector<std::string>& files, const std::string& version,
                     const std::string& commit);

// Where an image, or whoever installs by hand, may put one.
std::vector<std::string> version_files();

}  // namespace kinto_mirror::daemon
