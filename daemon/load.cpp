#include "daemon/load.hpp"

#include "daemon/auth.hpp"
#include "daemon/control/orders.hpp"
#include "daemon/control/socket.hpp"
#include "daemon/named_credentials.hpp"
#include "daemon/server_list.hpp"
#include "daemon/toml_source.hpp"
#include "http/tls.hpp"

#include <algorithm>
#include <sys/stat.h>

namespace kinto_mirror::daemon {

namespace {

bool is_replica_setting(const RawValue& value) {
  return value.setting->table == "replica";
}

bool is_server_url(const Setting& setting) {
  return setting.key == "url" && setting.table != "notify";
}

// What may be printed of a value that is wrong. A password may stand anywhere in a wrong URL, and
// the path of a webhook is one as often as not.
bool may_be_printed(const RawValue& value) {
  return !value.setting->secret && value.setting->path() != "notify.url" &&
         value.text.find('@') == std::string::npos;
}

// Of a value that was taken.
std::string shown_text(const RawValue& value, const Server& server, const Config& config) {
  if (value.setting->secret) return masked_auth(value.text);
  if (is_server_url(*value.setting)) return server.url.str();
  if (value.setting->path() != "notify.url") return value.text;
  const http::WebUrl& url = config.webhook.url;
  return url.origin.str() + (url.target == "/" ? "/" : "/***");
}

std::string complaint(const RawValue& value, const Error& error) {
  const std::string quoted = may_be_printed(value) ? "\"" + value.text + "\"" : "";
  // parse_server_url() says in a sentence of its own what is wrong and what it would accept.
  if (is_server_url(*value.setting)) {
    return value.where + ": " + quoted + (quoted.empty() ? "" : ": ") + error.message;
  }
  return value.where + ": " + (quoted.empty() ? "the value" : quoted) + " " + error.message +
         "; accepted: " + std::string(value.setting->accepts);
}

class Loader {
 public:
  Loader(CommandLine line, const Environment& environment, bool on_terminal,
         std::string_view default_file)
      : variables_(environment),
        flags_(std::move(line.source)),
        environment_(read_environment(environment)) {
    config_ = std::move(line.config);
    config_.control = default_control(environment("RUNTIME_DIRECTORY").value_or(""),
                                      environment("XDG_RUNTIME_DIR").value_or(""));
    config_.shown["control.path"] = {config_.control.empty() ? "off" : config_.control, Origin{}};
    default_file_ = default_file;
    config_.log.format = on_terminal ? LogFormat::text : LogFormat::json;
    config_.shown["log.format"] = {on_terminal ? "text" : "json", Origin{}};
  }

  Loaded load() {
    take(flags_.errors);
    take(environment_.errors);
    read_file_source();
    set_defaults();
    make_replicas();
    for (const Source* source : {&file_, &environment_}) {
      for (const RawValue& value : source->values) set(value);
    }
    set_named_auth();
    for (const RawValue& value : flags_.values) set(value);
    set_groups();
    bound_active_interval();
    adopt_userinfo(config_.master, "master.");
    adopt_credential(config_.master, *find_key("master", "auth"), "master.auth");
    for (std::size_t i = 0; i < config_.replicas.size(); ++i) {
      adopt_userinfo(config_.replicas[i], replica_key(i, ""));
      adopt_credential(config_.replicas[i], *find_key("replica", "auth"), replica_key(i, "auth"));
    }
    if (errors_.empty() && asks_servers()) {
      std::vector<Error> faults = faults_of_servers(config_);
      take(faults);
    }
    return {std::move(config_), std::move(errors_)};
  }

 private:
  // Who asks the daemon needs no secrets, and is not to fail while a file of one is being replaced.
  void take(std::vector<Error>& errors) {
    for (Error& error : errors) {
      const bool of_secret = error.code == Errc::credentials;
      if (of_secret && !asks_servers()) continue;
      if (of_secret) error.code = Errc::config;
      errors_.push_back(std::move(error));
    }
  }

  void fail(std::string message, Errc code = Errc::config) {
    errors_.emplace_back(code, std::move(message));
  }

  void read_file_source() {
    for (const Source* source : {&environment_, &flags_}) {
      for (const RawValue& value : source->values) {
        if (value.setting->path() == "config") config_.file = value.text;
      }
    }
    if (config_.file.empty()) take_default_file();
    if (config_.file.empty()) return;
    file_ = read_toml_file(config_.file);
    take(file_.errors);
  }

  // One that is there and cannot be read is told, and not passed over.
  void take_default_file() {
    struct stat found {};
    const std::string path(default_file_);
    if (path.empty() || ::stat(path.c_str(), &found) != 0) return;
    config_.file = path;
    config_.shown["config"] = {path, Origin{}};
  }

  void set_defaults() {
    config_.master.name = "master";
    for (const Setting& setting : settings()) {
      if (setting.fallback.empty()) continue;
      set({&setting, std::string(setting.fallback), Origin{}, setting.path()});
    }
  }

  // Where nothing says it, groups are what rights are granted to.
  void set_groups() {
    if (config_.shown.contains("sync.groups")) return;
    const bool keep = config_.sync.permissions == sync::Permissions::keep;
    config_.sync.groups = keep ? sync::Groups::keep : sync::Groups::follow;
    config_.shown["sync.groups"] = {keep ? "keep" : "follow", Origin{}};
  }

  // The default follows a shorter interval; what somebody asked for does not.
  void bound_active_interval() {
    if (config_.sync.active_interval <= config_.sync.interval) return;
    Shown& shown = config_.shown["sync.active_interval"];
    const std::string interval = config_.shown["sync.interval"].text;
    config_.sync.active_interval = config_.sync.interval;
    const bool by_default = shown.origin.kind == Origin::Kind::fallback;
    if (by_default) {
      shown.text = interval;
      return;
    }
    const Setting& setting = *find_key("sync", "active_interval");
    const bool in_file = shown.origin.kind == Origin::Kind::file;
    fail(shown.origin.place + (in_file ? ": [sync] active_interval" : "") + ": \"" + shown.text +
             "\" is longer than the interval, " + interval +
             "; accepted: " + std::string(setting.accepts),
         code_of(shown.origin));
  }

  [[nodiscard]] static const RawValue* url_of(const Source& source) {
    const auto found = std::ranges::find_if(source.values, [](const RawValue& value) {
      return value.setting->path() == "replica.url";
    });
    return found == source.values.end() ? nullptr : &*found;
  }

  // A replica from a flag or the environment stands instead of the whole list of the file. Its
  // credentials would go to another server than the one they were written for.
  void make_replicas() {
    replaced_ = url_of(flags_) != nullptr || url_of(environment_) != nullptr;
    const std::size_t count = replaced_ ? 1 : file_.replicas;
    if (replaced_ && file_.replicas > 0) {
      const RawValue* by = url_of(flags_);
      config_.replaced = (by != nullptr ? by : url_of(environment_))->origin.place;
    }
    config_.replicas.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = count == 1 ? "replica" : "replica-" + std::to_string(i + 1);
      config_.replicas[i].name = name;
      config_.shown[replica_key(i, "name")] = {name, Origin{}};
    }
  }

  void set(const RawValue& value) {
    if (!is_replica_setting(value)) {
      const bool of_server = value.setting->table == "master";
      const std::string key =
          value.setting->path() + (value.entry.empty() ? "" : "." + value.entry);
      return set(value, of_server ? config_.master : unused_, key);
    }
    const bool of_file = value.origin.kind == Origin::Kind::file;
    if (of_file ? replaced_ : config_.replicas.empty()) {
      return set(value, unused_, "");  // judged all the same
    }
    if (!of_file && config_.replicas.size() > 1) {
      return fail(value.where + " could mean any of the file's " +
                      std::to_string(config_.replicas.size()) +
                      " replicas: give it in each [[replica]], or name one replica beside it" +
                      (value.setting->secret
                           ? ", or set " + auth_variable(config_.replicas[0].name) + " and its like"
                           : ""),
                  code_of(value.origin));
    }
    const std::size_t index = of_file ? value.replica : 0;
    set(value, config_.replicas[index], replica_key(index, value.setting->key));
  }

  // After the file, which tells the names.
  void set_named_auth() {
    std::vector<std::string> names;
    for (const Server& replica : config_.replicas) names.push_back(replica.name);
    Source source = read_named_auth(variables_, names);
    take(source.errors);
    for (const RawValue& value : source.values) {
      set(value, config_.replicas[value.replica], replica_key(value.replica, "auth"));
    }
  }

  // What systemd hands over counts where nothing else was given. It does so to the daemon alone,
  // and not to the command that has it reload.
  void adopt_credential(Server& server, const Setting& setting, const std::string& key) {
    if (!server.auth.empty() || !asks_servers()) return;
    const std::string path = handed_over(variables_, server.name);
    if (path.empty()) return;
    Result<std::string> secret = read_secret(path);
    const std::string where = "CREDENTIALS_DIRECTORY";
    if (!secret) return fail(secret.error().in(where).message);
    const Origin origin{Origin::Kind::environment, where};
    set({&setting, std::move(*secret), origin, path, 0, path}, server, key);
  }

  // Puts the value in its place, and remembers under `key` what may be shown of it.
  void set(const RawValue& value, Server& server, const std::string& key) {
    Result<void> parsed = value.setting->apply(value.entry, value.text, server, config_);
    const bool of_other_file = value.setting->key.ends_with("_file");
    const bool certificates = value.setting->key == "ca_file";
    if (parsed && certificates && asks_servers()) parsed = loadable(value.text);
    if (!parsed) {
      return fail(complaint(value, parsed.error()),
                  of_other_file ? Errc::config : code_of(value.origin));
    }
    if (value.setting->secret) server.auth_file = value.secret_file;
    if (key.empty()) return;
    std::string text = shown_text(value, server, config_);
    Shown& shown = config_.shown[key];
    const bool was_file = shown.origin.kind == Origin::Kind::file;
    shown.over = was_file ? shown.origin.place : std::move(shown.over);
    shown.text = std::move(text);
    shown.origin = value.origin;
  }

  // As at the start, so that whoever checks a configuration hears it before.
  static Result<void> loadable(const std::string& ca_file) {
    if (http::make_tls_context(ca_file)) return success();
    return Error(Errc::config, "holds no certificates that can be loaded");
  }

  // Who asks the daemon needs none of them, and is not to fail while a file is being replaced.
  [[nodiscard]] bool asks_servers() const {
    const bool asks_daemon = config_.verb == Verb::status || config_.verb == Verb::healthcheck;
    return !asks_daemon && !is_order(config_.verb) &&
           !(config_.verb == Verb::selftest && config_.selftest.list);
  }

  // A user and password in the URL count where no credentials were given.
  void adopt_userinfo(Server& server, const std::string& prefix) {
    const std::string userinfo = std::exchange(server.url_userinfo, {});
    if (userinfo.empty() || !server.auth.empty()) return;
    const Origin origin = config_.shown[prefix + "url"].origin;
    Result<std::string> header = checked_authorization(userinfo);
    if (!header) {
      return fail(origin.str() + ": what stands before the '@' in the URL " +
                      header.error().message + "; accepted: USER:PASS",
                  code_of(origin));
    }
    server.auth = userinfo;
    server.authorization = std::move(*header);
    config_.shown[prefix + "auth"] = {masked_auth(userinfo), origin};
  }

  const Environment& variables_;
  std::string_view default_file_;
  Source flags_;
  Source environment_;
  Source file_;
  Config config_;
  std::vector<Error> errors_;
  bool replaced_ = false;  // the file's replicas do not count
  Server unused_;          // takes values that are judged and dropped
};

}  // namespace

Loaded load_config(CommandLine command_line, const Environment& environment, bool on_terminal,
                   std::string_view default_file) {
  return Loader(std::move(command_line), environment, on_terminal, default_file).load();
}

}  // namespace kinto_mirror::daemon
