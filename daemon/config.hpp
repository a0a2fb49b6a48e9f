#pragma once
// What the daemon has been told to do, by whatever source, as plain data.

#include "daemon/log_options.hpp"
#include "daemon/page_token.hpp"
#include "http/url.hpp"
#include "sync/decide/options.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

enum class Verb {
  run,
  check,
  selftest,
  dump,
  restore,
  config_show,
  config_check,
  // These ask a daemon that runs.
  status,
  healthcheck,
  // And these give it an order.
  audit,
  pause,
  resume,
  release,
  sync,
  reload,
};

// Where a value came from.
struct Origin {
  enum class Kind { fallback, file, environment, flag };
  Kind kind = Kind::fallback;
  std::string place;  // "--interval", "KINTO_MIRROR_INTERVAL", "mirror.toml:12"

  [[nodiscard]] std::string str() const;  // "flag --interval", "default", ...
};

struct Server {
  std::string name;           // "master", "replica", "replica-2" or what the file says
  http::ServerUrl url;        // its userinfo is empty: it has become `auth`
  std::string auth;           // "USER:PASS" or "Bearer TOKEN", empty without credentials
  std::string authorization;  // the header's value for `auth`
  std::string auth_file;      // from which `auth` was read; empty: from none
  std::string ca_file;        // PEM; empty: the system's store
  std::string url_userinfo;   // as the URL held it; used where no auth is given

  [[nodiscard]] bool has_url() const noexcept { return !url.origin.host.empty(); }
};

struct Listen {
  bool enabled = false;
  std::string host;  // without brackets, also for IPv6
  std::uint16_t port = 0;
};

// Who is told by POST what happens.
struct WebhookOptions {
  http::WebUrl url;         // without a host: nobody
  std::string secret_file;  // empty: messages are not signed
  std::string key;          // that was read from it

  [[nodiscard]] bool wanted() const noexcept { return !url.origin.host.empty(); }
};

struct SelftestOptions {
  std::optional<std::uint64_t> seed;    // absent: a random one
  std::optional<std::int64_t> records;  // absent: the self-test's own default
  std::string filter;                   // glob over scenario names; empty: all
  bool list = false;                    // print the scenarios and do nothing else
  std::string junit;                    // path of a JUnit report; empty: none
};

// What an order is about.
struct OrderOptions {
  std::vector<std::string> patterns{"*/*"};  // globs over bucket/collection; of `release` an id
  Millis timeout{60'000};                    // of `sync`
};

// A value as it was given, for `config show`. Secrets are masked already.
struct Shown {
  std::string text;
  Origin origin;
  std::string over = {};  // where the file gives another value, which does not count
};

struct Config {
  Verb verb = Verb::run;
  std::string file;  // the configuration file, empty without one
  Server master;
  std::vector<Server> replicas;
  sync::Options sync;  // dry_run included
  Listen listen;
  PageToken page_token;
  std::string control;  // path of the unix socket for orders; empty: off
  WebhookOptions webhook;
  LogOptions log;
  bool once = false;     // also set by --dry-run
  bool json = false;     // a machine-readable report on stdout
  std::string combined;  // where `check` names each record: a path, or "-"; empty: nowhere
  SelftestOptions selftest;
  OrderOptions order;
  std::string dump_file;          // of `dump` and `restore`; "-": stdout, stdin
  std::vector<std::string> args;  // the command line, for whoever reads it anew
  std::string replaced;  // what stands instead of the file's [[replica]] tables; empty: they count
  std::map<std::string, Shown, std::less<>> shown;  // "sync.interval", "replica[0].url"
};

// The key in Config::shown of a value of the replica number `index`.
std::string replica_key(std::size_t index, std::string_view key);

// Where the value under this key in Config::shown came from; of one that is not there, the default.
Origin origin_of(const Config& config, const std::string& key);

// Every text that must never be printed.
std::vector<std::string> secrets_of(const Config& config);

}  // namespace kinto_mirror::daemon
