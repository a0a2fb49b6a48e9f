#include "daemon/settings.hpp"

#include "daemon/auth.hpp"
#include "daemon/durations.hpp"
#include "daemon/files.hpp"
#include "daemon/values.hpp"
#include "daemon/webhook/signature.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

using Text = std::string_view;
using sync::Options;

// Stores what a parser gives, or passes its complaint on.
template <class T, class Target>
Result<void> store(Result<T> parsed, Target& target) {
  if (!parsed) return parsed.error();
  target = std::move(*parsed);
  return {};
}

// Of values that are the engine's own options.
template <auto Parse, auto Option>
Result<void> set_option(Text text, Config& config) {
  return store(Parse(text), config.sync.*Option);
}

Result<void> set_file(Text text, Config& config) {
  config.file = std::string(text);
  return {};
}

Result<void> set_name(Text text, Server& server) {
  return store(parse_name(text), server.name);
}

Result<void> set_url(Text text, Server& server) {
  Result<http::ServerUrl> url = http::parse_server_url(text);
  if (!url) return url.error();
  server.url_userinfo = std::exchange(url->userinfo, {});
  server.url = std::move(*url);
  return {};
}

Result<void> set_auth(Text text, Server& server) {
  Result<std::string> header = checked_authorization(text);
  if (!header) return header.error();
  server.auth = std::string(text);
  server.authorization = std::move(*header);
  return {};
}

Result<void> set_ca_file(Text text, Server& server) {
  const Result<std::string> content = read_file(std::string(text));
  if (!content) return content.error();
  server.ca_file = std::string(text);
  return {};
}

constexpr Millis day{24LL * 3'600'000};
constexpr Millis year = 365 * day;

Result<void> set_principal(Text from, Text to, Config& config) {
  if (Result<void> checked = check_principal(from); !checked) {
    return Error(Errc::config, "is the new name of one that " + checked.error().message);
  }
  if (Result<void> checked = check_principal(to); !to.empty() && !checked) return checked;
  config.sync.principals.insert_or_assign(std::string(from), std::string(to));
  return {};
}

Result<void> set_interval(Text text, Config& config) {
  return store(parse_duration(text, Millis(100), year), config.sync.interval);
}

Result<void> set_active_interval(Text text, Config& config) {
  return store(parse_duration(text, Millis(10), year), config.sync.active_interval);
}

Result<void> set_overlap(Text text, Config& config) {
  return store(parse_duration(text, Millis(0), day), config.sync.overlap);
}

Result<void> set_audit_interval(Text text, Config& config) {
  return store(parse_duration(text, Millis(1'000), year), config.sync.audit_interval);
}

// Told at the start, and not after the first pass, when the first checkpoint is to be stored.
Result<void> set_checkpoint(Text text, Config& config) {
  Result<std::string> file = parse_checkpoint(text);
  if (!file) return file.error();
  if (!file->empty() && !can_be_file(*file)) {
    return Error(Errc::config,
                 "names no file in a folder that exists; give the path of a file, which the daemon "
                 "makes itself");
  }
  return store(std::move(file), config.sync.checkpoint_file);
}

Result<void> set_listen(Text text, Config& config) {
  return store(parse_listen(text), config.listen);
}

Result<void> set_token_file(Text text, Config& config) {
  std::string path(text);
  Result<std::string> token = read_page_token(path);
  if (!token) return token.error();
  config.page_token = {std::move(path), std::move(*token)};
  return {};
}

Result<void> set_control(Text text, Config& config) {
  if (text != "off" && text.find('/') == Text::npos) {
    return Error(Errc::config, "is neither off nor a path with a '/'");
  }
  config.control = text == "off" ? "" : std::string(text);
  return {};
}

Result<void> set_webhook_url(Text text, Config& config) {
  return store(http::parse_web_url(text), config.webhook.url);
}

Result<void> set_webhook_secret(Text text, Config& config) {
  Result<std::string> content = read_file(std::string(text));
  Result<std::string> key = content ? parse_webhook_key(std::move(*content)) : content;
  if (!key) return key.error();
  config.webhook.secret_file = std::string(text);
  config.webhook.key = std::move(*key);
  return {};
}

Result<void> set_level(Text text, Config& config) {
  return store(parse_level(text), config.log.level);
}

Result<void> set_format(Text text, Config& config) {
  return store(parse_log_format(text), config.log.format);
}

constexpr Text url_accepts = "http://HOST[:PORT][/PREFIX] or https://HOST[:PORT][/PREFIX]";
constexpr Text auth_accepts = "USER:PASS (Basic) or Bearer TOKEN";
constexpr Text ca_accepts = "the path of a readable PEM file";

// table, key, flag, environment, operand, default, accepted, help, parser, shape, secret
constexpr auto all_settings = std::to_array<Setting>({
    {"", "", "--config", "KINTO_MIRROR_CONFIG", "FILE", "", "the path of a TOML file",
     "configuration file", set_file},
    {"master", "url", "--master", "KINTO_MIRROR_MASTER", "URL", "", url_accepts,
     "the Kinto that is copied (required)", set_url},
    {"master", "auth", "--master-auth", "KINTO_MIRROR_MASTER_AUTH", "AUTH", "", auth_accepts,
     "credentials: USER:PASS, or \"Bearer TOKEN\"", set_auth, Shape::text, true},
    {"master", "ca_file", "--master-ca-file", "KINTO_MIRROR_MASTER_CA_FILE", "FILE", "", ca_accepts,
     "certificates to trust instead of the system's, PEM", set_ca_file},
    {"replica", "name", "", "", "NAME", "",
     "up to 64 letters, digits, '.', '_' and '-'; not master", "how logs and reports call it",
     set_name},
    {"replica", "url", "--replica", "KINTO_MIRROR_REPLICA", "URL", "", url_accepts,
     "the Kinto that becomes the copy (required); replaces the file's", set_url},
    {"replica", "auth", "--replica-auth", "KINTO_MIRROR_REPLICA_AUTH", "AUTH", "", auth_accepts,
     "credentials: USER:PASS, or \"Bearer TOKEN\"", set_auth, Shape::text, true},
    {"replica", "ca_file", "--replica-ca-file", "KINTO_MIRROR_REPLICA_CA_FILE", "FILE", "",
     ca_accepts, "certificates to trust instead of the system's, PEM", set_ca_file},
    {"sync", "collections", "--collections", "KINTO_MIRROR_COLLECTIONS", "GLOB,...", "*/*",
     "globs over bucket/collection, such as main/certs,blog-*/*,!blog-old/*",
     "what is copied: globs over bucket/collection, !GLOB takes out",
     set_option<parse_collections, &Options::collections>, Shape::text_or_list},
    {"sync", "shard", "--shard", "KINTO_MIRROR_SHARD", "I/N", "0/1",
     "I/N with I from 0 to N-1 and N up to 1000, such as 0/3",
     "this daemon's share, one of N: collections and buckets by their hash",
     set_option<parse_shard, &Options::shard>},
    {"sync", "interval", "--interval", "KINTO_MIRROR_INTERVAL", "DURATION", "5s",
     "a duration of at least 100ms, such as 5s, 250ms or 1m30s",
     "how often the master is asked for changes", set_interval},
    {"sync", "active_interval", "--active-interval", "KINTO_MIRROR_ACTIVE_INTERVAL", "DURATION",
     "250ms", "a duration from 10ms to the interval, such as 250ms",
     "how often it is asked after collections that changed lately", set_active_interval},
    {"sync", "overlap", "--overlap", "KINTO_MIRROR_OVERLAP", "DURATION", "60s",
     "a duration from 0s to 24h, such as 60s or 2m",
     "how far each poll reaches back, for changes that were committed late", set_overlap},
    {"sync", "audit_interval", "--audit-interval", "KINTO_MIRROR_AUDIT_INTERVAL", "DURATION", "1h",
     "a duration of at least 1s, such as 1h or 30m", "how often whole collections are compared",
     set_audit_interval},
    {"sync", "parallel", "--parallel", "KINTO_MIRROR_PARALLEL", "N", "8",
     "a number from 1 to 64, such as 8",
     "collections visited at once, for each replica; of small ones more",
     set_option<parse_parallel, &Options::parallel>, Shape::text_or_integer},
    {"sync", "extras", "--extras", "KINTO_MIRROR_EXTRAS", "keep|delete", "keep", "keep, delete",
     "what becomes of records that only the replica has",
     set_option<parse_extras, &Options::extras>},
    {"sync", "max_delete", "--max-delete", "KINTO_MIRROR_MAX_DELETE", "N|N%", "10%",
     "a number of records, such as 100, or 0% to 100%",
     "brake: most deletes without a tombstone (above 0%: 10 at least)",
     set_option<parse_max_delete, &Options::max_delete>, Shape::text_or_integer},
    {"sync", "checkpoint", "--checkpoint", "KINTO_MIRROR_CHECKPOINT", "replica|file:PATH",
     "replica", "replica, file:PATH", "where the progress is stored", set_checkpoint},
    {"sync", "metadata", "--metadata", "KINTO_MIRROR_METADATA", "follow|create", "follow",
     "follow, create", "metadata of buckets and collections: kept so, or only created so",
     set_option<parse_metadata, &Options::metadata>},
    {"sync", "permissions", "--permissions", "KINTO_MIRROR_PERMISSIONS", "keep|read|copy", "keep",
     "keep, read, copy", "which lists follow the master's: none, the lists read, or all",
     set_option<parse_permissions, &Options::permissions>},
    {"sync", "groups", "--groups", "KINTO_MIRROR_GROUPS", "keep|follow", "", "keep, follow",
     "the groups of buckets; follow unless --permissions is keep",
     set_option<parse_groups, &Options::groups>},
    {"sync", "readers", "--readers", "KINTO_MIRROR_READERS", "P,...", "",
     "principals, such as system.Everyone,account:alice or /buckets/b/groups/g",
     "who may read each collection besides, such as system.Everyone",
     set_option<parse_readers, &Options::readers>, Shape::text_or_list},
    {"sync", "deletions", "--deletions", "KINTO_MIRROR_DELETIONS", "follow|records", "follow",
     "follow, records", "what the master deleted: all by its tombstones, or records alone",
     set_option<parse_deletions, &Options::deletions>},
    {"sync", "closing_marks", "--closing-marks", "KINTO_MIRROR_CLOSING_MARKS", "on|off", "on",
     "on, off", "help readers that come from another server over a higher ETag",
     set_option<parse_on_off, &Options::closing_marks>},
    {"sync", "principals", "", "", "FROM = TO", "",
     "the principal's one name on the replica, or \"\" to drop it",
     "principals of the master under other names", set_principal, Shape::table},
    {"status", "listen", "--listen", "KINTO_MIRROR_LISTEN", "HOST:PORT", "127.0.0.1:8000",
     "HOST:PORT, [IPV6]:PORT (ports 0 to 65535) or off",
     "address of the status pages (port 0: any free one), or off", set_listen},
    {"status", "token_file", "--status-token-file", "KINTO_MIRROR_STATUS_TOKEN_FILE", "FILE", "",
     "the path of a readable file with a token, one word",
     "file with the token that the status pages ask for", set_token_file},
    {"control", "path", "--control", "KINTO_MIRROR_CONTROL", "PATH|off", "",
     "the path of a unix socket, with a '/', or off",
     "unix socket at which it takes orders (a path with a '/'), or off", set_control},
    {"notify", "url", "--notify-url", "KINTO_MIRROR_NOTIFY_URL", "URL", "",
     "http://HOST[:PORT]/PATH or https://HOST[:PORT]/PATH",
     "webhook: called by POST when something changed, came in sync or needs a hand",
     set_webhook_url},
    {"notify", "secret_file", "--notify-secret-file", "KINTO_MIRROR_NOTIFY_SECRET_FILE", "FILE", "",
     "the path of a readable file with a secret: any text, or whsec_ and base64",
     "file with the secret that signs these calls", set_webhook_secret},
    {"log", "level", "--log-level", "KINTO_MIRROR_LOG_LEVEL", "LEVEL", "info",
     "trace, debug, info, warning, error", "trace, debug, info, warning or error", set_level},
    {"log", "format", "--log-format", "KINTO_MIRROR_LOG_FORMAT", "text|json", "", "text, json",
     "text on a terminal, else json (mozlog 2.0), when not set", set_format},
});

}  // namespace

Result<void> Setting::apply(std::string_view entry, std::string_view text, Server& server,
                            Config& config) const {
  return std::visit(
      [&](auto into) -> Result<void> {
        if constexpr (std::is_invocable_v<decltype(into), Text, Server&>) {
          return into(text, server);
        } else if constexpr (std::is_invocable_v<decltype(into), Text, Config&>) {
          return into(text, config);
        } else {
          return into(entry, text, config);
        }
      },
      parse);
}

std::string Setting::path() const {
  return table.empty() ? std::string("config") : std::string(table) + "." + std::string(key);
}

std::string Setting::file_key() const {
  return secret ? std::string(key) + "_file" : "";
}

std::string Setting::file_env() const {
  return secret && !env.empty() ? std::string(env) + "_FILE" : "";
}

std::span<const Setting> settings() {
  return all_settings;
}

const Setting* find_flag(std::string_view flag) {
  const auto found = std::ranges::find(all_settings, flag, &Setting::flag);
  return found == all_settings.end() || flag.empty() ? nullptr : &*found;
}

const Setting* find_key(std::string_view name, std::string_view key) {
  const auto found = std::ranges::find_if(all_settings, [&](const Setting& setting) {
    return !key.empty() && setting.table == name &&
           (setting.key == key || setting.file_key() == key);
  });
  return found == all_settings.end() ? nullptr : &*found;
}

}  // namespace kinto_mirror::daemon
