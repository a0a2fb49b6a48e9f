// The default file and the schema in config/ say the same as the table of settings.

#include "daemon/files.hpp"
#include "daemon/test_inputs.hpp"
#include "daemon/toml_source.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <set>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

namespace json = boost::json;

std::string config_file(const std::string& name) {
  const Result<std::string> content = read_file(KINTO_MIRROR_CONFIG_DIR "/" + name);
  REQUIRE(content.has_value());
  return *content;
}

std::set<std::string> keys_of_table() {
  std::set<std::string> keys;
  for (const Setting& setting : settings()) {
    if (setting.table.empty()) continue;
    keys.insert(setting.path());
    if (setting.secret) keys.insert(std::string(setting.table) + "." + setting.file_key());
  }
  return keys;
}

std::set<std::string> keys_of_schema() {
  std::set<std::string> keys;
  const json::value schema = json::parse(config_file("kinto-mirror.schema.json"));
  for (const auto& [table, node] : schema.at("properties").as_object()) {
    const bool list = node.as_object().contains("items");
    const json::value& object = list ? node.at("items") : node;
    CHECK(object.at("additionalProperties") == json::value(false));
    for (const auto& [key, value] : object.at("properties").as_object()) {
      keys.insert(std::string(table) + "." + std::string(key));
    }
  }
  return keys;
}

// Keys of the default file, commented ones ("#url = ...") included, with the text before each.
std::map<std::string, std::string> keys_of_default_file() {
  std::map<std::string, std::string> keys;
  std::istringstream lines(config_file("kinto-mirror.toml"));
  std::string table;
  std::string comment;
  for (std::string line; std::getline(lines, line);) {
    const bool prose = line.starts_with("# ") || line == "#";
    if (prose) comment += line;
    if (prose || line.empty()) continue;
    const std::size_t begin = line.front() == '#' ? 1 : 0;
    if (line[begin] == '[') {
      const std::size_t name = line.find_first_not_of("#[");
      table = line.substr(name, line.find(']') - name);
      // A table of the user's own keys is one key of the table around it.
      if (contains(table, ".")) keys[table] = comment;
    } else if (!contains(table, ".")) {
      keys[table + "." + line.substr(begin, line.find(' ') - begin)] = comment;
    }
    comment.clear();
  }
  return keys;
}

}  // namespace

TEST_CASE("the schema knows every key and no other") {
  CHECK(keys_of_schema() == keys_of_table());
}

TEST_CASE("the default file shows every key and no other, with its environment variable") {
  std::set<std::string> shown;
  for (const auto& [key, comment] : keys_of_default_file()) shown.insert(key);
  CHECK(shown == keys_of_table());
  const auto comments = keys_of_default_file();
  for (const Setting& setting : settings()) {
    if (setting.table.empty() || setting.env.empty()) continue;
    CAPTURE(setting.path());
    CHECK(contains(comments.at(setting.path()), setting.env));
    if (!setting.secret) continue;
    const std::string twin = std::string(setting.table) + "." + setting.file_key();
    CHECK(contains(comments.at(twin), setting.file_env()));
  }
}

TEST_CASE("the values of the default file are the defaults") {
  const std::string path = KINTO_MIRROR_CONFIG_DIR "/kinto-mirror.toml";
  const Source source = read_toml_file(path);
  CHECK(messages(source.errors) == "");
  std::set<std::string> given;
  for (const RawValue& value : source.values) {
    CAPTURE(value.where);
    CHECK(value.text == value.setting->fallback);
    given.insert(value.setting->path());
  }
  for (const Setting& setting : settings()) {
    if (!setting.fallback.empty()) CHECK(given.contains(setting.path()));
  }
  CHECK(messages(load(with_servers({"--config", path})).errors) == "");
}

TEST_CASE("the example of two replicas can be used, with the credentials of each by its name") {
  const Loaded loaded =
      load({"config", "check", "--config", KINTO_MIRROR_CONFIG_DIR "/two-replicas.toml"},
           {{"KINTO_MIRROR_MASTER_AUTH", "m:one"},
            {"KINTO_MIRROR_REPLICA_PARIS_AUTH", "p:two"},
            {"KINTO_MIRROR_REPLICA_TOKYO_AUTH", "t:three"}});
  CHECK(messages(loaded.errors) == "");
  REQUIRE(loaded.config.replicas.size() == 2);
  CHECK(loaded.config.master.auth == "m:one");
  CHECK(loaded.config.replicas[0].name == "paris");
  CHECK(loaded.config.replicas[0].auth == "p:two");
  CHECK(loaded.config.replicas[1].name == "tokyo");
  CHECK(loaded.config.replicas[1].auth == "t:three");
}

TEST_CASE("the schema's defaults are the defaults") {
  const json::value schema = json::parse(config_file("kinto-mirror.schema.json"));
  for (const Setting& setting : settings()) {
    if (setting.fallback.empty()) continue;
    CAPTURE(setting.path());
    const json::value& key =
        schema.at("properties").at(setting.table).at("properties").at(setting.key);
    const json::value& value = key.at("default");
    CHECK((value.is_array() ? value.at(0) : value).as_string() ==
          json::string_view(setting.fallback));
  }
}

}  // namespace kinto_mirror::daemon
