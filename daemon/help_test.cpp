#include "daemon/help.hpp"

#include "daemon/examples.hpp"
#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

void check_width(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 100);
    CHECK(!line.ends_with(' '));
  }
}

std::string help_behind(const std::vector<std::string>& args) {
  const CommandLine line = parse_command_line(args);
  CHECK(line.help);
  return line.about == nullptr ? "" : std::string(line.about->words);
}

}  // namespace

TEST_CASE("each command is understood as the table has it, and told by its own help") {
  std::set<Verb> verbs;
  for (const Command& command : commands()) {
    CAPTURE(command.words);
    std::vector<std::string> args;
    std::istringstream words{std::string(command.words)};
    for (std::string word; words >> word;) args.push_back(word);
    if (!command.operand.empty()) args.emplace_back("b/c");
    const CommandLine line = parse_command_line(args);
    CHECK(messages(line.source.errors) == "");
    CHECK(line.config.verb == command.verb);
    CHECK(verbs.insert(command.verb).second);
    args.emplace_back("--help");
    CHECK(help_behind(args) == command.words);
    const std::string help = help_text(command);
    CHECK(help.starts_with("Usage: kinto-mirror " + std::string(command.words)));
    check_width(help);
  }
  check_width(help_text());
}

TEST_CASE("the help of a command tells its own flags and no other's") {
  const std::string run = help_text(*find_command("run"));
  CHECK(contains(run, "--once"));
  CHECK(contains(run, "--dry-run"));
  CHECK(contains(run, "--json"));
  CHECK(!contains(run, "--junit"));
  CHECK(!contains(run, "--master-auth"));
  CHECK(contains(run, "Follows the master"));
  CHECK(contains(help_text(*find_command("sync")), "--timeout"));
  CHECK(!contains(help_text(*find_command("config check")), "Its flags"));
}

TEST_CASE("examples are of commands that there are, and understood as they stand") {
  std::set<Verb> shown;
  for (const Example& one : examples()) {
    CAPTURE(one.line);
    std::vector<std::string> args;
    std::istringstream words{std::string(one.line)};
    for (std::string word; words >> word;) {
      std::erase(word, '\'');  // around a pattern
      args.push_back(word);
    }
    REQUIRE(args.front() == "kinto-mirror");
    args.erase(args.begin());
    const CommandLine line = parse_command_line(args);
    CHECK(line.config.verb == one.verb);
    CHECK(messages(line.source.errors) == "");
    const Loaded loaded = load(args, {{"KINTO_MIRROR_MASTER", "http://m:1"},
                                      {"KINTO_MIRROR_REPLICA", "http://r:1"},
                                      {"KINTO_MIRROR_CONTROL", "/c"}});
    CHECK(messages(loaded.errors) == "");
    shown.insert(one.verb);
  }
  for (const Verb verb : {Verb::check, Verb::audit, Verb::pause, Verb::resume, Verb::release,
                          Verb::sync, Verb::reload, Verb::dump, Verb::restore}) {
    CHECK(shown.contains(verb));
  }
  const std::string help = help_text(*find_command("restore"));
  CHECK(contains(help, "For example:"));
  CHECK(contains(help, "kinto-mirror restore main.ndjson.gz --dry-run"));
  CHECK(contains(help, " \\\n      "));
  CHECK(!contains(help, "kinto-mirror dump"));
  CHECK(!contains(help_text(*find_command("selftest")), "For example:"));
}

TEST_CASE("which command is meant is found whatever stands around it") {
  CHECK(help_behind({"--help"}).empty());
  CHECK(help_behind({"bla", "--foo", "--help"}).empty());
  CHECK(help_behind({"run", "--once", "-h"}) == "run");
  CHECK(help_behind({"--help", "run"}) == "run");
  CHECK(help_behind({"--master", "check", "--help"}).empty());  // a value
  CHECK(help_behind({"--interval=5s", "config", "show", "--help"}) == "config show");
  CHECK(help_behind({"pause", "a/*", "b/*", "--help"}) == "pause");
}

TEST_CASE("text is wrapped at blanks") {
  CHECK(wrapped("one two three", 9, 2, 0) == "one two\n  three\n");
  CHECK(wrapped("one two", 9, 2, 4) == "one\n  two\n");
  CHECK(wrapped("incomprehensibilities it is", 9, 0, 0) == "incomprehensibilities\nit is\n");
  CHECK(wrapped("", 9, 0, 0) == "\n");
}

}  // namespace kinto_mirror::daemon
