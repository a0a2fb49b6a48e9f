#include "daemon/config_show.hpp"

#include "daemon/help.hpp"
#include "daemon/test_inputs.hpp"
#include "daemon/toml_source.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

const std::vector<std::string> secretive = with_servers(
    {"--master-auth", "u:hunter2", "--replica-auth", "Bearer hunter2", "--collections", "a/b,c/*"});

}  // namespace

TEST_CASE("each value is shown with where it came from, secrets masked") {
  const std::string text = show_config(load(secretive, {{"KINTO_MIRROR_INTERVAL", "7s"}}).config);
  CHECK(contains(text, "# file: none\n"));
  CHECK(contains(text, "url = \"http://a:1/v1\"                     # flag --master\n"));
  CHECK(contains(text, "auth = \"u:****\" "));
  CHECK(contains(text, "auth = \"Bearer ****\" "));
  CHECK(contains(text, "# environment KINTO_MIRROR_INTERVAL\n"));
  CHECK(contains(text, "collections = [\"a/b\", \"c/*\"] "));
  CHECK(contains(text, "# ca_file is not set\n"));
  CHECK(contains(text, "overlap = \"60s\" "));
  CHECK(!contains(text, "hunter2"));
}

TEST_CASE("principals are shown in a table of their own, each with its line") {
  const TemporaryFile file("shown.toml",
                           "[sync]\nreaders = []\n[sync.principals]\n\"a:b\" = \"c:d\"\n"
                           "\"system.Everyone\" = \"\"\n");
  const Config config = load(with_servers({"--config", file.path()})).config;
  const std::string text = show_config(config);
  CHECK(contains(text, "readers = [] "));
  CHECK(contains(text, "\n[sync.principals]\n\"a:b\" = \"c:d\" "));
  CHECK(contains(text, "# file " + file.path() + ":4\n\"system.Everyone\" = \"\" "));
  const Source source = read_toml(text, "shown");
  CHECK(messages(source.errors) == "");
  CHECK(std::ranges::count(source.values, std::string("sync.principals"),
                           [](const RawValue& value) { return value.setting->path(); }) == 2);
  const boost::json::value root = boost::json::parse(show_config_json(config));
  const boost::json::value& entry = root.at("sync").at("principals").at("a:b");
  CHECK(entry.at("value").as_string() == "c:d");
  CHECK(entry.at("from").as_string() == "file " + file.path() + ":4");
  CHECK(contains(show_config(load(secretive).config), "# principals is not set\n"));
}

TEST_CASE("what is shown can be read back") {
  const Source source = read_toml(show_config(load(secretive).config), "shown");
  CHECK(messages(source.errors) == "");
  CHECK(source.replicas == 1);
  CHECK(source.values.size() > 10);
}

TEST_CASE("the same for programs") {
  const boost::json::value root = boost::json::parse(show_config_json(load(secretive).config));
  CHECK(root.at("sync").at("interval").at("value").as_string() == "5s");
  CHECK(root.at("sync").at("interval").at("from").as_string() == "default");
  CHECK(root.at("replica").at(0).at("auth").at("value").as_string() == "Bearer ****");
  CHECK(root.at("replica").at(0).at("url").at("from").as_string() == "flag --replica");
  CHECK(boost::json::parse(show_config_json(load({}).config)).at("replica").as_array().empty());
}

TEST_CASE("the log line at the start holds no secret") {
  for (const Field& field : config_fields(load(secretive).config)) {
    CHECK(!contains(std::get<std::string>(field.value), "hunter2"));
  }
}

TEST_CASE("help names every flag and variable in 100 columns") {
  const std::string help = help_text();
  for (const Setting& setting : settings()) {
    CHECK(contains(help, setting.flag));
    CHECK(contains(help, setting.env));
  }
  for (std::size_t at = 0; at < help.size();) {
    const std::size_t end = help.find('\n', at);
    CHECK(end - at <= 100);
    at = end + 1;
  }
}

}  // namespace kinto_mirror::daemon
