// Which servers a configuration means, and with which credentials.

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

TEST_CASE("both servers are required, and the ways to give them are named") {
  const Loaded loaded = load({});
  REQUIRE(loaded.errors.size() == 2);
  for (const Error& error : loaded.errors) CHECK(error.code == Errc::config);
  const std::string text = messages(loaded.errors);
  for (const char* word : {"--master", "KINTO_MIRROR_MASTER", "[master]", "--replica",
                           "KINTO_MIRROR_REPLICA", "[[replica]]"}) {
    CHECK(contains(text, word));
  }
  CHECK(contains(only_error(load({"--master", "http://a"})).message, "--replica"));
  CHECK(load({"selftest", "--list"}).errors.empty());
}

TEST_CASE("a server is not its own replica") {
  const Error same = only_error(load({"--master", "http://A:80/v1/", "--replica", "http://a"}));
  CHECK(same.code == Errc::usage);
  CHECK(contains(same.message, "same server, http://a/v1"));
  const Variables variable{{"KINTO_MIRROR_REPLICA", "http://a"}};
  CHECK(only_error(load({"--master", "http://a"}, variable)).code == Errc::config);
  CHECK(load({"--master", "http://a:1", "--replica", "http://a:2"}).errors.empty());
}

TEST_CASE("several replicas come from the file, with names") {
  const TemporaryFile file("many.toml",
                           "[[replica]]\nurl = \"http://x\"\n[[replica]]\nurl = \"http://y\"\n"
                           "name = \"why\"\nauth = \"u:p\"\n");
  const Config config = load({"--master", "http://a", "--config", file.path()}).config;
  REQUIRE(config.replicas.size() == 2);
  CHECK(config.replicas[0].name == "replica-1");
  CHECK(config.replicas[0].auth == "");
  CHECK(config.replicas[1].name == "why");
  CHECK(config.replicas[1].auth == "u:p");

  const Error any =
      only_error(load({"--master", "http://a", "--config", file.path(), "--replica-auth", "u:p"}));
  CHECK(contains(any.message, "--replica-auth could mean any of the file's 2 replicas"));
  CHECK(any.code == Errc::usage);
}

TEST_CASE("a replica given by flag or variable replaces the file's, credentials included") {
  const TemporaryFile file("replaced.toml",
                           "[[replica]]\nurl = \"http://x\"\nauth = \"u:hunter2\"\n"
                           "[[replica]]\nurl = \"http://y\"\n");
  const std::vector<std::string> args{"--master", "http://a", "--config", file.path()};
  for (const bool by_flag : {true, false}) {
    std::vector<std::string> all = args;
    if (by_flag) all.insert(all.end(), {"--replica", "http://z"});
    const Variables env = by_flag ? Variables{} : Variables{{"KINTO_MIRROR_REPLICA", "http://z"}};
    const Loaded loaded = load(all, env);
    CHECK(messages(loaded.errors) == "");
    REQUIRE(loaded.config.replicas.size() == 1);
    CHECK(loaded.config.replicas[0].url.str() == "http://z/v1");
    CHECK(loaded.config.replicas[0].auth == "");
  }
}

TEST_CASE("faults in the file's list of replicas") {
  const auto fault = [](const char* content) {
    const TemporaryFile file("faults.toml", content);
    return only_error(load({"--master", "http://a", "--config", file.path()})).message;
  };
  CHECK(contains(fault("[[replica]]\nname = \"x\"\n"), "[[replica]] number 1 has no url"));
  CHECK(contains(fault("[[replica]]\nurl = \"http://x\"\n[[replica]]\nurl = \"http://x\"\n"),
                 "replica-2 and replica-1 are the same server"));
  CHECK(contains(fault("[[replica]]\nurl = \"http://x\"\nname = \"n\"\n"
                       "[[replica]]\nurl = \"http://y\"\nname = \"n\"\n"),
                 "faults.toml:6: two replicas are called n: give one of them another name"));
}

TEST_CASE("a replica called master is told with its line, whatever else is wrong") {
  const TemporaryFile file("named.toml",
                           "[[replica]]\nname = \"master\"\nurl = \"http://x\"\n"
                           "[sync]\nextras = \"maybe\"\n");
  const Loaded loaded = load({"config", "check", "--config", file.path()});
  CHECK(contains(messages(loaded.errors),
                 file.path() + ":2: [[replica]] name: \"master\" is what logs, reports and metrics "
                               "call the master: give the replica another; accepted: "));
  for (const Error& error : loaded.errors) CHECK(error.code == Errc::config);
}

TEST_CASE("a user and password in a URL are credentials, and are not shown") {
  const Loaded loaded = load({"--master", "http://u:p%40ss@a", "--replica", "http://v:hunter2@b",
                              "--replica-auth", "w:q"});
  CHECK(messages(loaded.errors) == "");
  CHECK(loaded.config.master.auth == "u:p@ss");
  CHECK(loaded.config.replicas[0].auth == "w:q");
  CHECK(loaded.config.shown.at("master.url").text == "http://a/v1");
  CHECK(loaded.config.shown.at("master.auth").text == "u:****");
  CHECK(loaded.config.master.url.userinfo == "");

  const Error no_password =
      only_error(load({"--master", "http://hunter2@a", "--replica", "http://b"}));
  CHECK(no_password.code == Errc::usage);
  CHECK(!contains(no_password.message, "hunter2"));
}

TEST_CASE("a wrong URL with an '@' is not repeated") {
  const Error error =
      only_error(load({"--master", "http://u:hunter2/@x", "--replica", "http://b"}));
  CHECK(contains(error.message, "--master: "));
  CHECK(!contains(error.message, "hunter2"));
  CHECK(contains(only_error(load({"--master", "gopher://x", "--replica", "http://b"})).message,
                 "--master: \"gopher://x\": "));
}

TEST_CASE("a wrong secret is named by its place, never repeated") {
  const std::vector<std::string> servers = with_servers({});
  const Error flag = only_error(load(with_servers({"--master-auth", "hunter2"})));
  CHECK(flag.code == Errc::usage);
  CHECK(flag.message ==
        "--master-auth: the value is neither USER:PASS nor Bearer TOKEN; accepted: USER:PASS "
        "(Basic) or Bearer TOKEN");
  const Error env = only_error(load(servers, {{"KINTO_MIRROR_REPLICA_AUTH", "hunter2"}}));
  CHECK(env.code == Errc::config);
  CHECK(contains(env.message, "KINTO_MIRROR_REPLICA_AUTH"));
  CHECK(!contains(env.message, "hunter2"));
}

TEST_CASE("credentials from the file that a variable names") {
  const TemporaryFile secret("auth", "u:p\n");
  const std::string name = "KINTO_MIRROR_MASTER_AUTH_FILE";
  const Loaded loaded = load(with_servers({}), {{name, secret.path()}});
  CHECK(messages(loaded.errors) == "");
  CHECK(loaded.config.master.auth == "u:p");
  CHECK(loaded.config.shown.at("master.auth").origin.str() == "environment " + name);

  const Error both = only_error(
      load(with_servers({}), {{name, secret.path()}, {"KINTO_MIRROR_MASTER_AUTH", "u:hunter2"}}));
  CHECK(both.code == Errc::config);
  CHECK(both.message == "KINTO_MIRROR_MASTER_AUTH and " + name + " are both set: give one");

  const Error absent = only_error(load(with_servers({}), {{name, "/absent"}}));
  CHECK(absent.code == Errc::config);
  CHECK(absent.message == name + ": /absent: cannot be read: No such file or directory");
  CHECK(absent.code == Errc::config);
}

TEST_CASE("who asks the daemon needs no secret, and nothing fails while its file is replaced") {
  const TemporaryFile file("toml", "[master]\nurl = \"http://m/v1\"\nauth_file = \"/absent\"\n");
  for (const char* const verb : {"status", "healthcheck", "sync", "pause"}) {
    CAPTURE(verb);
    CHECK(messages(load({verb, "--config", file.path()}).errors).empty());
    CHECK(messages(
              load({verb, "--config", "/dev/null"}, {{"KINTO_MIRROR_REPLICA_AUTH_FILE", "/absent"}})
                  .errors)
              .empty());
  }
  for (const char* const verb : {"run", "check"}) {
    CAPTURE(verb);
    CHECK(contains(messages(load({verb, "--config", file.path()}).errors), "auth_file: /absent"));
  }
}

TEST_CASE("secrets of all servers are known to the log") {
  const Config config =
      load(with_servers({"--master-auth", "u:first-secret", "--replica-auth", "Bearer second"}))
          .config;
  const std::string all = [&] {
    std::string text;
    for (const std::string& secret : secrets_of(config)) text += secret + "\n";
    return text;
  }();
  CHECK(contains(all, "first-secret\n"));
  CHECK(contains(all, "second\n"));
}

}  // namespace kinto_mirror::daemon
