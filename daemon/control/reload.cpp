#include "daemon/control/reload.hpp"

#include "daemon/config_show.hpp"
#include "daemon/load.hpp"
#include "daemon/logging.hpp"
#include "daemon/status/listen.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

constexpr auto may_change = std::to_array<std::string_view>({
    "sync.collections",
    "sync.interval",
    "sync.active_interval",
    "sync.overlap",
    "sync.audit_interval",
    "sync.max_delete",
    "sync.parallel",
    "log.level",
    "status.token_file",
});

bool is_auth(std::string_view key) {
  return key.ends_with(".auth");
}

std::string text_of(const Config& config, const std::string& key) {
  const auto shown = config.shown.find(key);
  return shown == config.shown.end() ? "" : shown->second.text;
}

// The shown text of credentials says too little.
std::string auth_of(const Config& config, const std::string& key) {
  if (key == "master.auth") return config.master.auth;
  for (std::size_t i = 0; i < config.replicas.size(); ++i) {
    if (key == replica_key(i, "auth")) return config.replicas[i].auth;
  }
  return "";
}

bool same(const Config& before, const Config& now, const std::string& key) {
  if (key == "status.token_file") return before.page_token == now.page_token;
  if (key == "notify.url") return before.webhook.url == now.webhook.url;
  if (key == "notify.secret_file") {
    return before.webhook.secret_file == now.webhook.secret_file &&
           before.webhook.key == now.webhook.key;
  }
  if (is_auth(key)) return auth_of(before, key) == auth_of(now, key);
  return text_of(before, key) == text_of(now, key);
}

bool same_servers(const Config& before, const Config& now) {
  const auto same_server = [](const Server& one, const Server& other) {
    return one.name == other.name && one.url.str() == other.url.str();
  };
  return same_server(before.master, now.master) &&
         std::ranges::equal(before.replicas, now.replicas, same_server);
}

std::string list_of(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Answer unusable(const std::vector<Error>& errors) {
  Answer answer;
  answer.exit = ExitCode::config;
  answer.message =
      "the configuration cannot be used, and nothing has changed: " + errors.front().message;
  if (errors.size() > 1) {
    answer.message += "; and " + std::to_string(errors.size() - 1) + " more (config check tells)";
  }
  return answer;
}

Answer told(Answer answer) {
  Fields fields;
  fields.emplace_back("exit", to_int(answer.exit));
  const bool well = answer.exit == ExitCode::ok;
  log_event(well ? Level::info : Level::error, "config.reload", "reload: " + answer.message,
            std::move(fields));
  return answer;
}

std::string message_of(const Changes& changes, const Config& before) {
  if (changes.taken.empty() && changes.restart.empty()) {
    return "read anew; nothing else is asked for than before";
  }
  std::string message =
      changes.taken.empty() ? "nothing is taken" : "taken: " + list_of(changes.taken);
  if (!changes.restart.empty()) {
    message += "; needs a restart: " + list_of(changes.restart);
    const bool moves = std::ranges::find(changes.restart, "status.listen") != changes.restart.end();
    if (moves && before.listen.enabled) {
      message += " (until then the status pages stay at " +
                 address_text(before.listen.host, before.listen.port) + ")";
    }
  }
  return message;
}

}  // namespace

Changes changes_of(const Config& before, const Config& now) {
  std::set<std::string> keys;
  for (const Config* const config : {&before, &now}) {
    for (const auto& [key, shown] : config->shown) keys.insert(key);
  }
  const bool servers_stay = same_servers(before, now);
  Changes changes;
  for (const std::string& key : keys) {
    if (same(before, now, key)) continue;
    const bool takes =
        std::ranges::find(may_change, key) != may_change.end() || (is_auth(key) && servers_stay);
    (takes ? changes.taken : changes.restart).push_back(key);
  }
  return changes;
}

Config with_changes(const Config& before, const Config& now) {
  Config out = before;
  out.sync.collections = now.sync.collections;
  out.sync.interval = now.sync.interval;
  out.sync.active_interval = now.sync.active_interval;
  out.sync.overlap = now.sync.overlap;
  out.sync.audit_interval = now.sync.audit_interval;
  out.sync.max_delete = now.sync.max_delete;
  out.sync.parallel = now.sync.parallel;
  out.log.level = now.log.level;
  out.page_token = now.page_token;
  const auto take_auth = [](Server& server, const Server& from) {
    server.auth = from.auth;
    server.authorization = from.authorization;
    server.auth_file = from.auth_file;
  };
  if (same_servers(before, now)) {
    take_auth(out.master, now.master);
    for (std::size_t i = 0; i < out.replicas.size(); ++i) {
      take_auth(out.replicas[i], now.replicas[i]);
    }
  }
  for (const std::string& key : changes_of(before, now).taken) {
    const auto shown = now.shown.find(key);
    if (shown == now.shown.end()) {
      out.shown.erase(key);
    } else {
      out.shown[key] = shown->second;
    }
  }
  return out;
}

Answer reload(Config& config, Session& session, sync::Engine& engine, StatusService& status) {
  const bool as_text = config.log.format == LogFormat::text;
  Loaded loaded = load_config(parse_command_line(config.args), process_environment, as_text);
  if (!loaded.errors.empty()) return told(unusable(loaded.errors));
  const Changes changes = changes_of(config, loaded.config);
  Answer answer;
  answer.message = message_of(changes, config);
  config = with_changes(config, loaded.config);
  hide_from_log(secrets_of(config));
  set_log_level(config.log.level);
  session.take(config);
  status.take(config);
  if (!changes.taken.empty()) engine.take(config.sync);
  return told(std::move(answer));
}

}  // namespace kinto_mirror::daemon
