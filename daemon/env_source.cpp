#include "daemon/env_source.hpp"

#include "daemon/files.hpp"
#include "daemon/named_credentials.hpp"
#include "daemon/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

constexpr std::string_view variable_prefix = "KINTO_MIRROR_";

// NAME_SERVICE_HOST, NAME_SERVICE_PORT, NAME_SERVICE_PORT_HTTP, NAME_PORT, NAME_PORT_80_TCP,
// NAME_PORT_80_TCP_ADDR, _PORT and _PROTO.
bool is_of_kubernetes(std::string_view name) {
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT")) return true;
  if (name.find("_SERVICE_PORT_") != std::string_view::npos) return true;
  constexpr std::string_view port = "_PORT_";
  const std::size_t at = name.find(port);
  if (at == std::string_view::npos) return false;
  std::string_view rest = name.substr(at + port.size());
  const std::size_t digits = rest.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return false;
  rest.remove_prefix(digits);
  return rest.starts_with("_TCP") || rest.starts_with("_UDP") || rest.starts_with("_SCTP");
}

std::optional<std::string> set_variable(const Environment& environment, const std::string& name) {
  if (name.empty()) return std::nullopt;
  std::optional<std::string> value = environment(name);
  if (value && value->empty()) value.reset();
  return value;
}

void add(Source& source, const Setting& setting, const std::string& name, std::string text,
         std::string secret_file = {}) {
  Origin origin{Origin::Kind::environment, name};
  source.values.push_back(
      {&setting, std::move(text), std::move(origin), name, 0, std::move(secret_file)});
}

std::vector<std::string> known_variables(const std::vector<std::string>& replicas) {
  std::vector<std::string> known;
  for (const Setting& setting : settings()) {
    if (!setting.env.empty()) known.emplace_back(setting.env);
    if (const std::string twin = setting.file_env(); !twin.empty()) known.push_back(twin);
  }
  for (const std::string& replica : replicas) {
    known.push_back(auth_variable(replica));
    known.push_back(auth_variable(replica) + "_FILE");
  }
  return known;
}

// Without the prefix, which all share and which says nothing of what was meant.
std::string meant_by(std::string_view name, const std::vector<std::string>& known) {
  std::vector<std::string> rests;
  rests.reserve(known.size());
  for (const std::string& one : known) rests.push_back(one.substr(variable_prefix.size()));
  return nearest(name.substr(variable_prefix.size()), rests);
}

// "; there are KINTO_MIRROR_REPLICA_PARIS_AUTH, ..."
std::string called(const std::vector<std::string>& replicas) {
  std::vector<std::string> variables;
  variables.reserve(replicas.size());
  for (const std::string& replica : replicas) variables.push_back(auth_variable(replica));
  return variables.empty() ? "" : "; there may be " + join(variables) + ", or the same with _FILE";
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::vector<std::string> process_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

std::vector<std::string> unknown_variables(const std::vector<std::string>& names,
                                           const std::vector<std::string>& replicas) {
  const std::vector<std::string> known = known_variables(replicas);
  std::vector<std::string> warnings;
  for (const std::string& name : names) {
    if (!name.starts_with(variable_prefix) || is_of_kubernetes(name)) continue;
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string warning = "the environment variable " + name;
    if (is_auth_variable(name)) {
      warning += " belongs to no replica" + called(replicas);
    } else {
      const std::string meant = meant_by(name, known);
      warning += " is none of the daemon's" +
                 (meant.empty() ? std::string(" (--help names them)")
                                : ", did you mean " + std::string(variable_prefix) + meant + "?");
    }
    warnings.push_back(std::move(warning));
  }
  std::ranges::sort(warnings);
  return warnings;
}

Result<std::string> read_secret(const std::string& path) {
  Result<std::string> content = read_file(path);
  if (!content) return Error(Errc::credentials, content.error().message).in(path);
  // Editors of other systems put one before what they save.
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (content->starts_with(byte_order_mark)) content->erase(0, byte_order_mark.size());
  while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
  if (content->empty()) return Error(Errc::credentials, path + ": is empty");
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
        add(source, setting, twin, std::move(*secret), *path);
      } else {
        source.errors.push_back(secret.error().in(twin));
      }
    }
  }
  return source;
}

}  // namespace kinto_mirror::daemon
