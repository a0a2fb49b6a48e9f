#include "daemon/load.hpp"

#include "daemon/config_show.hpp"
#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

struct Sample {
  const char* path;
  const char* file;
  const char* env;
  const char* flag;
};

// Three values that can be told apart for each setting that stands in the file.
const std::vector<Sample> samples{
    {"master.url", "http://f:1/v1", "http://e:1/v1", "http://c:1/v1"},
    {"master.auth", "f:p", "e:p", "c:p"},
    {"master.ca_file", "/dev/null", "/proc/self/environ", "/proc/self/cmdline"},
    {"replica.url", "http://f:2/v1", "http://e:2/v1", "http://c:2/v1"},
    {"replica.auth", "f:p", "e:p", "c:p"},
    {"replica.ca_file", "/dev/null", "/proc/self/environ", "/proc/self/cmdline"},
    {"sync.collections", "f/*", "e/*", "c/*"},
    {"sync.shard", "0/2", "1/3", "2/4"},
    {"sync.interval", "11s", "12s", "13s"},
    {"sync.active_interval", "1s", "2s", "3s"},
    {"sync.overlap", "11s", "12s", "13s"},
    {"sync.audit_interval", "11s", "12s", "13s"},
    {"sync.parallel", "2", "3", "4"},
    {"sync.extras", "delete", "keep", "delete"},
    {"sync.max_delete", "11%", "12%", "13%"},
    {"sync.checkpoint", "file:f", "file:e", "file:c"},
    {"sync.metadata", "create", "follow", "create"},
    {"sync.permissions", "read", "copy", "read"},
    {"sync.groups", "follow", "keep", "follow"},
    {"sync.readers", "a:f", "a:e", "a:c"},
    {"sync.deletions", "records", "follow", "records"},
    {"sync.closing_marks", "off", "on", "off"},
    {"status.listen", "f:1", "e:1", "c:1"},
    {"status.token_file", "/proc/sys/kernel/ostype", "/proc/sys/kernel/osrelease",
     "/proc/sys/kernel/random/boot_id"},
    {"control.path", "/f", "/e", "/c"},
    {"notify.url", "http://f:1/", "http://e:1/", "http://c:1/"},
    {"notify.secret_file", "/proc/sys/kernel/ostype", "/proc/sys/kernel/osrelease",
     "/proc/sys/kernel/random/boot_id"},
    {"log.level", "trace", "debug", "error"},
    {"log.format", "text", "json", "text"},
};

std::string shown_key(const Setting& setting) {
  return setting.table == "replica" ? replica_key(0, setting.key) : setting.path();
}

std::string masked(const Setting& setting, const char* text) {
  return setting.secret ? std::string(text, 1) + ":****" : text;
}

}  // namespace

TEST_CASE("a flag beats the environment beats the file beats the default, for each setting") {
  for (const Setting& setting : settings()) {
    if (setting.table.empty() || setting.flag.empty()) continue;
    const std::string path = setting.path();
    CAPTURE(path);
    const auto sample = std::ranges::find(samples, path, &Sample::path);
    REQUIRE(sample != samples.end());
    const bool replica = setting.table == "replica";
    std::string content = (replica ? "[[replica]]\n" : "[" + std::string(setting.table) + "]\n") +
                          std::string(setting.key) + " = \"" + sample->file + "\"\n";
    if (replica && setting.key != "url") content += "url = \"http://r:1\"\n";
    const TemporaryFile file("precedence.toml", content);

    const Variables env{{std::string(setting.env), sample->env}};
    // It does not load the certificates, which these files do not hold.
    const std::vector<std::string> args{"status", "--config", file.path()};
    std::vector<std::string> flags = args;
    flags.insert(flags.end(), {std::string(setting.flag), sample->flag});

    const std::string key = shown_key(setting);
    const Shown from_file = load(args).config.shown[key];
    CHECK(from_file.text == masked(setting, sample->file));
    CHECK(from_file.origin.str() == "file " + file.path() + ":2");
    const Shown from_env = load(args, env).config.shown[key];
    CHECK(from_env.text == masked(setting, sample->env));
    CHECK(from_env.origin.str() == "environment " + std::string(setting.env));
    const Shown from_flag = load(flags, env).config.shown[key];
    CHECK(from_flag.text == masked(setting, sample->flag));
    CHECK(from_flag.origin.str() == "flag " + std::string(setting.flag));

    const Shown fallback = load({}).config.shown[key];
    if (!setting.fallback.empty()) CHECK(fallback.text == setting.fallback);
    CHECK(fallback.origin.str() == "default");
  }
}

TEST_CASE("the defaults of the table are those of the engine") {
  const Loaded loaded = load(with_servers({}));
  CHECK(messages(loaded.errors) == "");
  const sync::Options& options = loaded.config.sync;
  const sync::Options plain;
  CHECK(options.collections == plain.collections);
  CHECK(options.interval == plain.interval);
  CHECK(options.active_interval == plain.active_interval);
  CHECK(options.overlap == plain.overlap);
  CHECK(options.audit_interval == plain.audit_interval);
  CHECK(options.extras == plain.extras);
  CHECK(options.max_delete.percent == plain.max_delete.percent);
  CHECK(options.max_delete.value == plain.max_delete.value);
  CHECK(options.checkpoint_file == plain.checkpoint_file);
  CHECK(options.metadata == plain.metadata);
  CHECK(options.permissions == plain.permissions);
  CHECK(options.groups == plain.groups);
  CHECK(options.deletions == plain.deletions);
  CHECK(options.readers == plain.readers);
  CHECK(options.principals == plain.principals);
  CHECK(options.closing_marks == plain.closing_marks);
  CHECK(loaded.config.listen.host == "127.0.0.1");
  CHECK(loaded.config.listen.port == 8000);
  CHECK(loaded.config.log.level == Level::info);
}

TEST_CASE("values reach the options that the engine reads") {
  const Config config =
      load(with_servers({"--interval",    "1m30s",   "--overlap",      "0s",
                         "--extras",      "delete",  "--max-delete",   "42",
                         "--checkpoint",  "file:/x", "--listen",       "off",
                         "--collections", "a/b,c/*", "--log-level",    "warn",
                         "--master-auth", "u:p",     "--replica-auth", "Bearer t"}))
          .config;
  CHECK(config.sync.interval == Millis(90'000));
  CHECK(config.sync.overlap == Millis(0));
  CHECK(config.sync.extras == sync::Extras::remove);
  CHECK(!config.sync.max_delete.percent);
  CHECK(config.sync.max_delete.value == 42);
  CHECK(config.sync.checkpoint_file == "/x");
  CHECK(!config.listen.enabled);
  CHECK(config.sync.collections == std::vector<std::string>{"a/b", "c/*"});
  CHECK(config.log.level == Level::warning);
  CHECK(config.master.url.str() == "http://a:1/v1");
  CHECK(config.master.authorization == "Basic dTpw");
  CHECK(config.replicas.at(0).authorization == "Bearer t");
  CHECK(config.replicas.at(0).name == "replica");
}

TEST_CASE("bad values: 64 for a flag, 78 for the environment and the file") {
  const Error flag = only_error(load(with_servers({"--interval", "banana"})));
  CHECK(flag.code == Errc::usage);
  CHECK(flag.message ==
        "--interval: \"banana\" is not a duration; accepted: a duration of at least 100ms, such "
        "as 5s, 250ms or 1m30s");
  const Error env = only_error(load(with_servers({}), {{"KINTO_MIRROR_EXTRAS", "maybe"}}));
  CHECK(env.code == Errc::config);
  CHECK(env.message ==
        "KINTO_MIRROR_EXTRAS: \"maybe\" is neither keep nor delete; accepted: keep, delete");
  const TemporaryFile file("bad.toml", "[log]\nlevel = \"loud\"\n");
  const Error toml = only_error(load(with_servers({"--config", file.path()})));
  CHECK(toml.code == Errc::config);
  CHECK(toml.message == file.path() +
                            ":2: [log] level: \"loud\" is no log level; accepted: trace, debug, "
                            "info, warning, error");
}

TEST_CASE("bounds of the durations") {
  for (const std::string flag :
       {"--interval=99ms", "--interval=0s", "--interval=9000h", "--overlap=24h1ms",
        "--audit-interval=999ms", "--active-interval=9ms"}) {
    CAPTURE(flag);
    CHECK(only_error(load(with_servers({flag}))).code == Errc::usage);
  }
}

TEST_CASE(
    "the active interval is never above the interval: its default follows, a given one is told") {
  CHECK(load(with_servers({})).config.sync.active_interval == Millis(250));
  const Loaded follows = load(with_servers({"--interval", "100ms"}));
  CHECK(messages(follows.errors) == "");
  CHECK(follows.config.sync.active_interval == Millis(100));
  CHECK(follows.config.shown.at("sync.active_interval").text == "100ms");
  const Loaded same = load(with_servers({"--interval", "2s", "--active-interval", "2s"}));
  CHECK(messages(same.errors) == "");
  CHECK(same.config.sync.active_interval == Millis(2'000));
  const Error flag = only_error(load(with_servers({"--active-interval", "6s"})));
  CHECK(flag.code == Errc::usage);
  CHECK(flag.message ==
        "--active-interval: \"6s\" is longer than the interval, 5s; accepted: a duration from 10ms "
        "to the interval, such as 250ms");
  const Error env =
      only_error(load(with_servers({}), {{"KINTO_MIRROR_ACTIVE_INTERVAL", "5001ms"}}));
  CHECK(env.code == Errc::config);
  const TemporaryFile file("active.toml", "[sync]\nactive_interval = \"1s\"\n");
  const Error toml =
      only_error(load(with_servers({"--config", file.path(), "--interval", "900ms"})));
  CHECK(toml.code == Errc::config);
  CHECK(toml.message.starts_with(
      file.path() + ":2: [sync] active_interval: \"1s\" is longer than the interval, 900ms;"));
}

TEST_CASE("a checkpoint file lies in a folder that exists") {
  CHECK(load(with_servers({"--checkpoint", "file:/tmp/new.json"})).errors.empty());
  CHECK(load(with_servers({"--checkpoint", "file:new.json"})).errors.empty());
  for (const std::string path : {"/does/not/exist/x.json", "/tmp"}) {
    CAPTURE(path);
    const Error error = only_error(load(with_servers({"--checkpoint", "file:" + path})));
    CHECK(error.message == "--checkpoint: \"file:" + path +
                               "\" names no file in a folder that exists; give the path of a file, "
                               "which the daemon makes itself; accepted: replica, file:PATH");
    CHECK(error.code == Errc::usage);
  }
}

TEST_CASE("all mistakes are told at once") {
  const Loaded loaded = load({"--interval", "x", "--extras", "y"}, {{"KINTO_MIRROR_OVERLAP", "z"}});
  CHECK(loaded.errors.size() == 3);
}

TEST_CASE("an empty variable is unset") {
  const Loaded loaded = load(with_servers({}), {{"KINTO_MIRROR_INTERVAL", ""},
                                                {"KINTO_MIRROR_CONFIG", ""},
                                                {"KINTO_MIRROR_MASTER_AUTH_FILE", ""},
                                                {"KINTO_MIRROR_SERVICE_HOST", "10.0.0.1"}});
  CHECK(messages(loaded.errors) == "");
  CHECK(loaded.config.sync.interval == Millis(5'000));
}

TEST_CASE("a file that is not there is named") {
  const Error error = only_error(load(with_servers({"--config", "/absent.toml"})));
  CHECK(error.code == Errc::config);
  CHECK(contains(error.message, "/absent.toml: cannot be read"));
  const Error ca = only_error(load(with_servers({"--master-ca-file", "/absent.pem"})));
  CHECK(ca.code == Errc::config);
  CHECK(contains(ca.message, "--master-ca-file: \"/absent.pem\" cannot be read"));
}

TEST_CASE("a ca_file without certificates is told before the start") {
  const TemporaryFile empty("empty.pem", "");
  const TemporaryFile half("half.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
  const std::vector<std::string> check{"config", "check"};
  for (const TemporaryFile* pem : {&empty, &half}) {
    std::vector<std::string> args = with_servers({"--replica-ca-file", pem->path()});
    args.insert(args.end(), check.begin(), check.end());
    const Error error = only_error(load(args));
    CHECK(error.code == Errc::config);
    CHECK(error.message == "--replica-ca-file: \"" + pem->path() +
                               "\" holds no certificates that can be loaded; accepted: the path of "
                               "a readable PEM file");
  }
  const TemporaryFile file("ca.toml", "[master]\nca_file = \"" + half.path() + "\"\n");
  const Error error = only_error(load(with_servers({"config", "check", "--config", file.path()})));
  CHECK(contains(error.message, file.path() + ":2: [master] ca_file: "));
  // They ask the daemon, which goes on with what it has read before.
  for (const std::string verb : {"status", "healthcheck"}) {
    CHECK(load(with_servers({verb, "--replica-ca-file", half.path()})).errors.empty());
  }
}

TEST_CASE("what overrides the file is told, with where the file says otherwise") {
  const TemporaryFile file(
      "overridden.toml",
      "[master]\nurl = \"http://m\"\n[sync]\ninterval = \"9s\"\noverlap = \"1m\"\n"
      "[[replica]]\nurl = \"http://r\"\n");
  const Loaded loaded =
      load({"--config", file.path(), "--overlap", "2m"},
           {{"KINTO_MIRROR_INTERVAL", "7s"}, {"KINTO_MIRROR_REPLICA", "http://other"}});
  CHECK(messages(loaded.errors) == "");
  CHECK(overrides_text(loaded.config) ==
        "KINTO_MIRROR_REPLICA over all [[replica]] of the file, "
        "sync.interval: KINTO_MIRROR_INTERVAL over " +
            file.path() + ":4, sync.overlap: --overlap over " + file.path() + ":5");
  const std::string shown = show_config(loaded.config);
  CHECK(contains(shown, "# environment KINTO_MIRROR_INTERVAL, over file " + file.path() + ":4\n"));
  CHECK(contains(shown, "tables do not count, since KINTO_MIRROR_REPLICA gives the replica"));
  CHECK(overrides_text(load({"--config", file.path()}).config).empty());
}

TEST_CASE("a blank around a URL is named") {
  for (const auto* url : {" http://m", "http://m ", "http://m\n"}) {
    const Loaded loaded = load({"--replica", "http://r"}, {{"KINTO_MIRROR_MASTER", url}});
    CHECK(contains(messages(loaded.errors), "has a blank before or after it"));
  }
}

TEST_CASE("variables that mean nothing are named, and those of Kubernetes are not") {
  CHECK(unknown_variables(
            {"PATH", "KINTO_MIRROR_MASTER", "KINTO_MIRROR_MASTER_AUTH_FILE",
             "KINTO_MIRROR_SERVICE_HOST", "KINTO_MIRROR_SERVICE_PORT",
             "KINTO_MIRROR_SERVICE_PORT_HTTP", "KINTO_MIRROR_PORT", "KINTO_MIRROR_PORT_8888_TCP",
             "KINTO_MIRROR_PORT_8888_TCP_ADDR", "KINTO_MIRROR_PORT_53_UDP_PROTO",
             "KINTO_MIRROR_MASTER_SERVICE_HOST", "KINTO_MIRROR_MASTER_PORT_80_TCP_PORT"},
            {})
            .empty());
  CHECK(unknown_variables({"KINTO_MIRROR_INTERVALL", "KINTO_MIRROR_XYZZYXYZZY"}, {}) ==
        std::vector<std::string>{"the environment variable KINTO_MIRROR_INTERVALL is none of the "
                                 "daemon's, did you mean KINTO_MIRROR_INTERVAL?",
                                 "the environment variable KINTO_MIRROR_XYZZYXYZZY is none of the "
                                 "daemon's (--help names them)"});
}

}  // namespace kinto_mirror::daemon
