#include "daemon/named_credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace kinto_mirror::daemon {

namespace {

constexpr std::string_view replica_prefix = "KINTO_MIRROR_REPLICA_";
constexpr std::string_view suffix = "_AUTH";
constexpr std::string_view file_suffix = "_AUTH_FILE";

std::optional<std::string> set_variable(const Environment& environment, const std::string& name) {
  std::optional<std::string> value = environment(name);
  if (value && value->empty()) value.reset();
  return value;
}

class Reader {
 public:
  Reader(const Environment& environment, const std::vector<std::string>& replicas)
      : environment_(environment), replicas_(replicas) {}

  Source read() {
    for (std::size_t i = 0; i < replicas_.size(); ++i) read_one(i);
    return std::move(source_);
  }

 private:
  void read_one(std::size_t index) {
    const std::string name = auth_variable(replicas_[index]);
    const std::string twin = name + "_FILE";
    std::optional<std::string> value = set_variable(environment_, name);
    const std::optional<std::string> path = set_variable(environment_, twin);
    if (!value && !path) return;
    const std::string& used = value ? name : twin;
    if (value && path) return fail(fmt::format("{} and {} are both set: give one", name, twin));
    if (is_shared(index, name, used) || is_given_otherwise(used)) return;
    if (value) return add(index, used, std::move(*value), "");
    Result<std::string> secret = read_secret(*path);
    if (!secret) return source_.errors.push_back(secret.error().in(twin));
    add(index, used, std::move(*secret), *path);
  }

  // Told once, by the first of them.
  bool is_shared(std::size_t index, const std::string& name, const std::string& used) {
    for (std::size_t other = 0; other < replicas_.size(); ++other) {
      if (other == index || auth_variable(replicas_[other]) != name) continue;
      if (index < other && replicas_[index] != replicas_[other]) {
        fail(fmt::format("{} could mean {} or {}: give one of them another name", used,
                         replicas_[index], replicas_[other]));
      }
      return true;
    }
    return false;
  }

  // With several replicas that variable is an error of its own.
  bool is_given_otherwise(const std::string& used) {
    if (replicas_.size() != 1) return false;
    for (const char* const general :
         {"KINTO_MIRROR_REPLICA_AUTH", "KINTO_MIRROR_REPLICA_AUTH_FILE"}) {
      if (!set_variable(environment_, general)) continue;
      fail(fmt::format("{} and {} are both set: give one", general, used));
      return true;
    }
    return false;
  }

  void add(std::size_t index, const std::string& name, std::string text, std::string file) {
    Origin origin{Origin::Kind::environment, name};
    source_.values.push_back({find_key("replica", "auth"), std::move(text), std::move(origin), name,
                              index, std::move(file)});
  }

  void fail(std::string message) { source_.errors.emplace_back(Errc::config, std::move(message)); }

  const Environment& environment_;
  const std::vector<std::string>& replicas_;
  Source source_;
};

}  // namespace

std::string auth_variable(std::string_view replica) {
  std::string name(replica_prefix);
  for (const char c : replica) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : (kept ? c : '_');
  }
  return name + std::string(suffix);
}

bool is_auth_variable(std::string_view variable) {
  if (!variable.starts_with(replica_prefix)) return false;
  variable.remove_prefix(replica_prefix.size());
  for (const std::string_view ending : {suffix, file_suffix}) {
    if (variable.size() > ending.size() && variable.ends_with(ending)) return true;
  }
  return false;
}

Source read_named_auth(const Environment& environment, const std::vector<std::string>& replicas) {
  return Reader(environment, replicas).read();
}

std::string handed_over(const Environment& environment, const std::string& server) {
  const std::optional<std::string> folder = set_variable(environment, "CREDENTIALS_DIRECTORY");
  if (!folder) return "";
  std::string path = *folder + "/auth_" + server;
  // What cannot be looked for is told when it is read, and not taken for absent.
  std::error_code error;
  return std::filesystem::exists(path, error) || error ? path : "";
}

}  // namespace kinto_mirror::daemon
