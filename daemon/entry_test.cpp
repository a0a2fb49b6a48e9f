#include "daemon/entry.hpp"

#include "daemon/logging.hpp"
#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome outcome(const std::vector<std::string>& args, Variables variables = {}) {
  std::ostringstream out;
  std::ostringstream err;
  const Outside outside{environment_of(std::move(variables)), false, out, err};
  const Commands commands{[](const Config& config) { return config.once ? 101 : 100; },
                          [](const Config&) { return 102; },
                          [](const Config&) { return 103; },
                          [](const Config&) { return 107; },
                          [](const Config&) { return 108; },
                          [](const Config&) { return 104; },
                          [](const Config&) { return 105; },
                          [](const Config&) { return 106; }};
  const int code = enter(args, outside, commands);
  stop_logging();
  return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("each command is called, and its code returned") {
  CHECK(outcome(with_servers({})).code == 100);
  CHECK(outcome(with_servers({"run", "--once"})).code == 101);
  CHECK(outcome(with_servers({"check"})).code == 102);
  CHECK(outcome(with_servers({"--selftest"})).code == 103);
  CHECK(outcome({"status"}).code == 104);  // which need no servers
  CHECK(outcome({"healthcheck"}).code == 105);
  CHECK(outcome({"sync", "a/*"}).code == 106);
}

TEST_CASE("help and version go to stdout") {
  CHECK(outcome({"--version"}).out.starts_with("kinto-mirror "));
  const Outcome help = outcome({"--help", "nonsense"});
  CHECK(help.code == 0);
  CHECK(contains(help.out, "Usage:"));
  CHECK(help.err == "");
}

TEST_CASE("a bad flag is 64, the environment and the file are 78, and stdout stays empty") {
  for (const auto& command : {"run", "check", "selftest"}) {
    const Outcome flag = outcome(with_servers({command, "--interval", "x"}));
    CHECK(flag.code == 64);
    CHECK(flag.err.starts_with("kinto-mirror: --interval: \"x\""));
    CHECK(flag.out == "");
    const Outcome env = outcome(with_servers({command}), {{"KINTO_MIRROR_INTERVAL", "x"}});
    CHECK(env.code == 78);
    CHECK(env.err.starts_with("kinto-mirror: KINTO_MIRROR_INTERVAL: \"x\""));
    CHECK(env.out == "");
  }
  CHECK(outcome({"--foo"}).code == 64);
  CHECK(outcome({"--foo"}).err == "kinto-mirror: unknown flag --foo (try --help)\n");
  CHECK(outcome({"status", "--listen", "x"}).code == 64);
  CHECK(outcome({"healthcheck"}, {{"KINTO_MIRROR_LISTEN", "x"}}).code == 78);
  CHECK(outcome({}).code == 78);
  CHECK(outcome({"--interval", "x"}, {{"KINTO_MIRROR_OVERLAP", "y"}}).code == 64);
}

TEST_CASE("config check and config show") {
  const Outcome fine = outcome(with_servers({"config", "check"}));
  CHECK(fine.code == 0);
  CHECK(fine.out == "configuration ok\n");
  const Outcome missing = outcome({"config", "check"});
  CHECK(missing.code == 78);
  CHECK(missing.out == "");
  CHECK(contains(missing.err, "no master"));
  CHECK(outcome(with_servers({"config", "show"})).code == 0);
  CHECK(outcome(with_servers({"config", "show", "--json"})).out.starts_with("{"));
  const Outcome partly = outcome({"config", "show", "--interval", "7s"});
  CHECK(partly.code == 78);
  CHECK(contains(partly.out, "7s"));
}

TEST_CASE("one error is one line, whatever the value holds") {
  const Outcome odd = outcome(with_servers({"--extras", "a\nb\x1b[31m"}));
  CHECK(std::ranges::count(odd.err, '\n') == 1);
  CHECK(!contains(odd.err, "\x1b"));
}

}  // namespace kinto_mirror::daemon
