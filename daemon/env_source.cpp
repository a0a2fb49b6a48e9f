#include "daemon/env_source.hpp"

#include "daemon/files.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace kinto_mirror::daemon {

namespace {

std::optional<std::string> set_variable(const Environment& environment, const std::string& name) {
  if (name.empty()) return std::nullopt;
  std::optional<std::string> value = environment(name);
  if (value && value->empty()) value.reset();
  return value;
}

void add(Source& source, const Setting& setting, const std::string& name, std::string text) {
  Origin origin{Origin::Kind::environment, name};
  source.values.push_back({&setting, std::move(text), std::move(origin), name});
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<std::string> read_secret(const std::string& path) {
  Result<std::string> content = read_file(path);
  if (!content) return content.error().in(path);
  while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
  if (content->empty()) return Error(Errc::config, path + ": is empty");
  return content;
}

Source read_environment(const Environment& environment) {
  Source source;
  for (const Setting& setting : settings()) {
    const std::string name(setting.env);
    const std::string twin = setting.file_env();
    std::optional<std::string> value = set_variable(environment, name);
    const std::optional<std::string> path = set_variable(environment, twin);
    if (value && path) {
      source.errors.emplace_back(Errc::config,
                                 fmt::format("{} and {} are both set: give one", name, twin));
    } else if (value) {
      add(source, setting, name, std::move(*value));
    } else if (path) {
      Result<std::string> secret = read_secret(*path);
      if (secret) {
        add(source, setting, twin, std::move(*secret));
      } else {
        source.errors.push_back(secret.error().in(twin));
      }
    }
  }
  return source;
}

}  // namespace kinto_mirror::daemon
