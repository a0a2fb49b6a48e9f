#include "daemon/named_credentials.hpp"

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace kinto_mirror::daemon {

namespace {

// A file with a replica of each name, at an address of its own.
std::string with_replicas(const std::vector<std::string>& names, const std::string& more = "") {
  std::string text = "[master]\nurl = \"http://a\"\n";
  for (const std::string& name : names) {
    text += "[[replica]]\nname = \"" + name + "\"\nurl = \"http://" + std::to_string(text.size()) +
            ".example\"\n" + more;
  }
  return text;
}

Loaded load_file(const TemporaryFile& file, Variables variables) {
  return load({"config", "check", "--config", file.path()}, std::move(variables));
}

}  // namespace

TEST_CASE("a replica's name becomes the name of a variable") {
  CHECK(auth_variable("paris") == "KINTO_MIRROR_REPLICA_PARIS_AUTH");
  CHECK(auth_variable("eu-west.1_b") == "KINTO_MIRROR_REPLICA_EU_WEST_1_B_AUTH");
  CHECK(is_auth_variable("KINTO_MIRROR_REPLICA_PARIS_AUTH"));
  CHECK(is_auth_variable("KINTO_MIRROR_REPLICA_PARIS_AUTH_FILE"));
  for (const char* const other :
       {"KINTO_MIRROR_REPLICA_AUTH", "KINTO_MIRROR_REPLICA_AUTH_FILE", "KINTO_MIRROR_REPLICA",
        "KINTO_MIRROR_REPLICA_CA_FILE", "KINTO_MIRROR_MASTER_AUTH", "PARIS_AUTH"}) {
    CAPTURE(other);
    CHECK(!is_auth_variable(other));
  }
}

TEST_CASE("each replica gets the credentials of its own variable, over the file's") {
  const TemporaryFile file("named.toml",
                           with_replicas({"paris", "tokyo-2", "rome"}, "auth = \"f:file\"\n"));
  const TemporaryFile secret("named", "t:two\n");
  const Loaded loaded =
      load_file(file, {{"KINTO_MIRROR_REPLICA_PARIS_AUTH", "p:one"},
                       {"KINTO_MIRROR_REPLICA_TOKYO_2_AUTH_FILE", secret.path()},
                       {"KINTO_MIRROR_REPLICA_LONDON_AUTH", "no credentials, and nobody's"}});
  CHECK(messages(loaded.errors) == "");
  const std::vector<Server>& replicas = loaded.config.replicas;
  REQUIRE(replicas.size() == 3);
  CHECK(replicas[0].auth == "p:one");
  CHECK(replicas[1].auth == "t:two");
  CHECK(replicas[1].auth_file == secret.path());  // read again where it is refused
  CHECK(replicas[2].auth == "f:file");
  const Shown& shown = loaded.config.shown.at("replica[0].auth");
  CHECK(shown.text == "p:****");
  CHECK(shown.origin.str() == "environment KINTO_MIRROR_REPLICA_PARIS_AUTH");
  CHECK(contains(shown.over, file.path()));
}

TEST_CASE("a flag goes before the variable of the one replica") {
  const TemporaryFile file("named.toml", with_replicas({"paris"}));
  const Loaded loaded = load({"check", "--config", file.path(), "--replica-auth", "f:flag"},
                             {{"KINTO_MIRROR_REPLICA_PARIS_AUTH", "p:one"}});
  CHECK(messages(loaded.errors) == "");
  CHECK(loaded.config.replicas.at(0).auth == "f:flag");
}

TEST_CASE("variables that could mean two things are refused, and never repeat a secret") {
  const TemporaryFile alike("alike.toml", with_replicas({"eu-1", "eu.1"}));
  const std::string name = "KINTO_MIRROR_REPLICA_EU_1_AUTH";
  CHECK(only_error(load_file(alike, {{name, "u:hunter2"}})).message ==
        name + " could mean eu-1 or eu.1: give one of them another name");
  CHECK(messages(load_file(alike, {}).errors) == "");

  const TemporaryFile one("one.toml", with_replicas({"paris"}));
  const std::string paris = "KINTO_MIRROR_REPLICA_PARIS_AUTH";
  const Error twins = only_error(load_file(one, {{paris, "u:p"}, {paris + "_FILE", "/absent"}}));
  CHECK(twins.code == Errc::config);
  CHECK(twins.message == paris + " and " + paris + "_FILE are both set: give one");
  CHECK(
      only_error(load_file(one, {{paris, "u:p"}, {"KINTO_MIRROR_REPLICA_AUTH", "u:p"}})).message ==
      "KINTO_MIRROR_REPLICA_AUTH and " + paris + " are both set: give one");
  CHECK(only_error(load_file(one, {{paris + "_FILE", "/absent"}})).message ==
        paris + "_FILE: /absent: cannot be read: No such file or directory");
  const Error bad = only_error(load_file(one, {{paris, "hunter2"}}));
  CHECK(contains(bad.message, paris + ": the value is neither"));
  CHECK(!contains(bad.message, "hunter2"));

  const TemporaryFile two("two.toml", with_replicas({"paris", "rome"}));
  const Error general = only_error(load_file(two, {{"KINTO_MIRROR_REPLICA_AUTH", "u:p"}}));
  CHECK(contains(general.message, "or set " + paris + " and its like"));
}

TEST_CASE("a variable of no replica is told, with those that there may be") {
  const std::vector<std::string> names{"KINTO_MIRROR_REPLICA_PARIS_AUTH",
                                       "KINTO_MIRROR_REPLICA_PARIS_AUTH_FILE",
                                       "KINTO_MIRROR_REPLICA_LONDON_AUTH"};
  CHECK(unknown_variables(names, {"paris"}) ==
        std::vector<std::string>{
            "the environment variable KINTO_MIRROR_REPLICA_LONDON_AUTH belongs to no replica; "
            "there may be KINTO_MIRROR_REPLICA_PARIS_AUTH, or the same with _FILE"});
  CHECK(unknown_variables(names, {}).size() == 3);
}

TEST_CASE("what systemd hands over counts where nothing else is given") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("handed-over-" + std::to_string(::getpid()));
  fs::create_directory(folder);
  const auto put = [&](const char* name, const char* text) {
    std::ofstream(folder / name) << text;
  };
  put("auth_master", "m:handed\n");
  put("auth_paris", "p:handed\n");
  put("auth_rome", "r:handed\n");
  const TemporaryFile file("named.toml", with_replicas({"paris", "rome", "oslo"}));
  const Variables variables{{"CREDENTIALS_DIRECTORY", folder.string()},
                            {"KINTO_MIRROR_REPLICA_ROME_AUTH", "r:variable"}};
  const Config config = load_file(file, variables).config;
  CHECK(config.master.auth == "m:handed");
  CHECK(config.master.auth_file == (folder / "auth_master").string());
  REQUIRE(config.replicas.size() == 3);
  CHECK(config.replicas[0].auth == "p:handed");
  CHECK(config.replicas[1].auth == "r:variable");
  CHECK(config.replicas[2].auth == "");
  CHECK(config.shown.at("master.auth").origin.str() == "environment CREDENTIALS_DIRECTORY");

  put("auth_oslo", "hunter2");
  const Error bad = only_error(load_file(file, variables));
  CHECK(contains(bad.message, (folder / "auth_oslo").string() + ": the value is neither"));
  CHECK(!contains(bad.message, "hunter2"));

  // A folder that cannot be looked into is not one without credentials.
  fs::create_symlink("loop", folder / "loop");
  const Variables lost{{"CREDENTIALS_DIRECTORY", (folder / "loop").string()}};
  CHECK(contains(messages(load_file(file, lost).errors), "auth_master: cannot be read: Too many"));
  // Whom systemd has reload the daemon gets no credentials, and needs none.
  CHECK(messages(load({"reload", "--config", file.path()}, lost).errors) == "");
  fs::remove_all(folder);
}

}  // namespace kinto_mirror::daemon
