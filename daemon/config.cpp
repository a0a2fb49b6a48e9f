#include "daemon/config.hpp"

#include "daemon/auth.hpp"

namespace kinto_mirror::daemon {

std::string Origin::str() const {
  switch (kind) {
    case Kind::fallback:
      return "default";
    case Kind::file:
      return "file " + place;
    case Kind::environment:
      return "environment " + place;
    case Kind::flag:
      return "flag " + place;
  }
  return "default";
}

std::string replica_key(std::size_t index, std::string_view key) {
  return "replica[" + std::to_string(index) + "]." + std::string(key);
}

Origin origin_of(const Config& config, const std::string& key) {
  const auto shown = config.shown.find(key);
  return shown == config.shown.end() ? Origin{} : shown->second.origin;
}

std::vector<std::string> secrets_of(const Config& config) {
  std::vector<std::string> secrets = secrets_of_auth(config.master.auth);
  for (const Server& replica : config.replicas) {
    for (std::string& secret : secrets_of_auth(replica.auth)) secrets.push_back(std::move(secret));
  }
  if (!config.page_token.token.empty()) secrets.push_back(config.page_token.token);
  if (!config.webhook.key.empty()) secrets.push_back(config.webhook.key);
  return secrets;
}

}  // namespace kinto_mirror::daemon
