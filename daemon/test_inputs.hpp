#pragma once
// What the tests of the configuration share: loading without a process's own surroundings.

#include "daemon/load.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace kinto_mirror::daemon {

using Variables = std::map<std::string, std::string>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

inline Loaded load(const std::vector<std::string>& args, Variables variables = {},
                   std::string_view default_file = "") {
  const Environment environment = environment_of(std::move(variables));
  return load_config(parse_command_line(args), environment, false, default_file);
}

// A master and a replica, and what else is given.
inline std::vector<std::string> with_servers(const std::vector<std::string>& args) {
  std::vector<std::string> all{"--master", "http://a:1", "--replica", "http://b:2"};
  all.insert(all.end(), args.begin(), args.end());
  return all;
}

inline std::string messages(const std::vector<Error>& errors) {
  std::string text;
  for (const Error& error : errors) text += error.message + "\n";
  return text;
}

// The one error of `loaded`.
inline Error only_error(const Loaded& loaded) {
  INFO(messages(loaded.errors));
  REQUIRE(loaded.errors.size() == 1);
  return loaded.errors.front();
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A file that lives as long as this object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content)
      : path_(std::filesystem::temp_directory_path() /
              ("kinto-mirror-" + std::to_string(::getpid()) + "-" + name)) {
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace kinto_mirror::daemon
