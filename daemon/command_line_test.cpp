#include "daemon/command_line.hpp"

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

using Args = std::vector<std::string>;

std::string refusal(const Args& args) {
  const CommandLine line = parse_command_line(args);
  for (const Error& error : line.source.errors) CHECK(error.code == Errc::usage);
  return messages(line.source.errors);
}

}  // namespace

TEST_CASE("each command is understood") {
  struct Row {
    Args args;
    Verb verb;
  };
  const std::vector<Row> rows{
      {{}, Verb::run},
      {{"run"}, Verb::run},
      {{"check"}, Verb::check},
      {{"status"}, Verb::status},
      {{"healthcheck"}, Verb::healthcheck},
      {{"selftest"}, Verb::selftest},
      {{"--selftest"}, Verb::selftest},
      {{"selftest", "--selftest"}, Verb::selftest},
      {{"dump", "b.ndjson"}, Verb::dump},
      {{"restore", "-"}, Verb::restore},
      {{"config", "show"}, Verb::config_show},
      {{"config", "check"}, Verb::config_check},
      {{"config", "--interval", "3s", "show"}, Verb::config_show},
  };
  for (const Row& row : rows) {
    const CommandLine line = parse_command_line(row.args);
    CHECK(messages(line.source.errors) == "");
    CHECK(line.config.verb == row.verb);
  }
}

TEST_CASE("flags stand before or after, with a blank or an equals sign") {
  for (const Args& args : {Args{"--interval", "3s", "check"}, Args{"check", "--interval", "3s"},
                           Args{"check", "--interval=3s"}}) {
    const CommandLine line = parse_command_line(args);
    CHECK(messages(line.source.errors) == "");
    CHECK(line.config.verb == Verb::check);
    REQUIRE(line.source.values.size() == 1);
    CHECK(line.source.values[0].setting->key == "interval");
    CHECK(line.source.values[0].text == "3s");
    CHECK(line.source.values[0].origin.str() == "flag --interval");
  }
  CHECK(parse_command_line({"--interval", "1s", "--interval=2s"}).source.values.at(0).text == "2s");
  const CommandLine auth = parse_command_line({"--master-auth=user:a=b"});
  CHECK(auth.source.values.at(0).text == "user:a=b");
  CHECK(parse_command_line({"--overlap", "-5s"}).source.values.at(0).text == "-5s");
}

TEST_CASE("switches reach the configuration") {
  const Config run = parse_command_line({"run", "--once", "--json"}).config;
  CHECK(run.once);
  CHECK(run.json);
  CHECK(!run.sync.dry_run);
  const Config dry = parse_command_line({"--dry-run"}).config;
  CHECK(dry.sync.dry_run);
  CHECK(dry.once);
  const Config test =
      parse_command_line({"selftest", "--seed", "18446744073709551615", "--records=500", "--filter",
                          "load*", "--list", "--junit", "x.xml"})
          .config;
  CHECK(test.selftest.seed == 18446744073709551615U);
  CHECK(test.selftest.records == 500);
  CHECK(test.selftest.filter == "load*");
  CHECK(test.selftest.list);
  CHECK(test.selftest.junit == "x.xml");
}

TEST_CASE("the file of a dump reaches the configuration, whatever its name is") {
  CHECK(parse_command_line({"dump", "Backup of 2026.ndjson.gz"}).config.dump_file ==
        "Backup of 2026.ndjson.gz");
  const Config restore = parse_command_line({"restore", "x", "--dry-run"}).config;
  CHECK(restore.dump_file == "x");
  CHECK(restore.sync.dry_run);
}

TEST_CASE("help and version win") {
  CHECK(parse_command_line({"--help"}).help);
  CHECK(parse_command_line({"-h"}).help);
  CHECK(parse_command_line({"bla", "--foo", "--help"}).help);
  CHECK(parse_command_line({"--version"}).version);
}

TEST_CASE("what is wrong is named in one line each") {
  struct Row {
    Args args;
    const char* message;
  };
  const std::vector<Row> rows{
      {{"--foo"}, "unknown flag --foo (try --help)\n"},
      {{"--foo=secret", "--bar"},
       "unknown flag --foo (try --help)\nunknown flag --bar (try --help)\n"},
      {{"--intervall", "3s"}, "unknown flag --intervall, did you mean --interval? (try --help)\n"},
      {{"--interval"}, "--interval needs a value (try --help)\n"},
      {{"--interval="}, "--interval needs a value (try --help)\n"},
      {{"--interval", ""}, "--interval needs a value (try --help)\n"},
      {{"--master", "--replica", "x"}, "--master needs a value (try --help)\n"},
      {{"--once=yes"}, "--once takes no value\n"},
      {{"check", "--once"}, "--once belongs to run (try --help)\n"},
      {{"check", "--dry-run"}, "--dry-run belongs to run, restore (try --help)\n"},
      {{"run", "--json"},
       "--json belongs to run --once, check, dump, restore, status, config show and orders (try "
       "--help)\n"},
      {{"run", "--seed", "1"}, "--seed belongs to selftest (try --help)\n"},
      {{"healthcheck", "--json"},
       "--json belongs to run --once, check, dump, restore, status, config show and orders (try "
       "--help)\n"},
      {{"dump"}, "dump takes one word behind it, the path of a file, or - for stdout\n"},
      {{"restore", "a", "b"},
       "restore takes one word behind it, the path of a file, or - for stdin\n"},
      {{"dump", "-", "--json"},
       "--json tells of a dump on stdout, where \"-\" has the dump itself: give a file\n"},
      {{"dump", "x", "--dry-run"}, "--dry-run belongs to run, restore (try --help)\n"},
      {{"config"}, "config needs a second word: config show or config check\n"},
      {{"check", "--selftest"}, "--selftest is a command of its own: give no other\n"},
      {{"selftest", "--records", "0"},
       "--records: \"0\" is less than 1; accepted: a number of records, from 1\n"},
      {{"selftest", "--seed", "x"},
       "--seed: \"x\" is no seed; accepted: a whole number below 2^64\n"},
  };
  for (const Row& row : rows) CHECK(refusal(row.args) == row.message);
  CHECK(contains(refusal({"config", "dance"}), "unknown command \"config dance\""));
  CHECK(contains(refusal({"check", "main/*"}),
                 "check takes no word behind it; which collections, is "
                 "said by --collections"));
  CHECK(
      contains(refusal({"stauts"}), "unknown command \"stauts\", did you mean status?; accepted"));
  CHECK(contains(refusal({"config", "shwo"}), "did you mean config show?"));
  CHECK(contains(refusal({"--replica", "a", "--replica", "b"}), "[[replica]]"));
}

TEST_CASE("a token that lost its quotes or its flag is not repeated") {
  CHECK(!contains(refusal({"--master-auth", "Bearer", "Hunter2"}), "Hunter2"));
  CHECK(!contains(refusal({"--master-auht", "user:hunter2"}), "hunter2"));
  CHECK(!contains(refusal({"--master-auht=user:hunter2"}), "hunter2"));
}

}  // namespace kinto_mirror::daemon
