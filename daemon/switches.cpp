#include "daemon/switches.hpp"

#include "daemon/control/orders.hpp"
#include "daemon/durations.hpp"
#include "daemon/values.hpp"

#include <array>
#include <charconv>
#include <string>

namespace kinto_mirror::daemon {

namespace {

using Text = std::string_view;

bool of_run(const Config& config) {
  return config.verb == Verb::run;
}
bool of_run_or_restore(const Config& config) {
  return config.verb == Verb::run || config.verb == Verb::restore;
}
bool of_selftest(const Config& config) {
  return config.verb == Verb::selftest;
}

bool of_check(const Config& config) {
  return config.verb == Verb::check;
}

bool of_sync(const Config& config) {
  return config.verb == Verb::sync;
}

bool of_report(const Config& config) {
  return is_order(config.verb) || (config.verb == Verb::run && config.once) ||
         config.verb == Verb::check || config.verb == Verb::dump || config.verb == Verb::restore ||
         config.verb == Verb::config_show || config.verb == Verb::status;
}

Result<void> set_once(Text /*none*/, Config& config) {
  config.once = true;
  return {};
}

Result<void> set_dry_run(Text /*none*/, Config& config) {
  config.sync.dry_run = true;
  config.once = true;  // a pass that writes nothing would find the same for ever
  return {};
}

Result<void> set_json(Text /*none*/, Config& config) {
  config.json = true;
  return {};
}

Result<void> set_combined(Text text, Config& config) {
  if (text == "-" && config.json) {
    return Error(
        Errc::usage,
        "is stdout, where --json prints its report; accepted beside it: the path of a file");
  }
  config.combined = std::string(text);
  config.sync.names = true;
  return {};
}

Result<void> set_bodies(Text /*none*/, Config& config) {
  config.sync.bodies = true;
  return {};
}

Result<void> set_timeout(Text text, Config& config) {
  const Result<Millis> timeout = parse_duration(text, Millis(0), Millis{86'400'000});
  if (!timeout) {
    return Error(Errc::usage,
                 timeout.error().message + "; accepted: a duration up to 24h, such as 60s or 5m");
  }
  config.order.timeout = *timeout;
  return {};
}

Result<void> set_seed(Text text, Config& config) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(Errc::usage, "is no seed; accepted: a whole number below 2^64");
  }
  config.selftest.seed = seed;
  return {};
}

Result<void> set_records(Text text, Config& config) {
  const Result<std::int64_t> count = parse_integer(text, 1, 10'000'000);
  if (!count) {
    return Error(Errc::usage, count.error().message + "; accepted: a number of records, from 1");
  }
  config.selftest.records = *count;
  return {};
}

Result<void> set_filter(Text text, Config& config) {
  config.selftest.filter = std::string(text);
  return {};
}

Result<void> set_list(Text /*none*/, Config& config) {
  config.selftest.list = true;
  return {};
}

Result<void> set_junit(Text text, Config& config) {
  config.selftest.junit = std::string(text);
  return {};
}

constexpr auto all_switches = std::to_array<Switch>({
    {"--once", "", "run", "run: one full pass over everything in scope, report, exit", of_run,
     set_once},
    {"--dry-run", "", "run, restore",
     "run and restore: compare once, as --once does, and write nothing at all", of_run_or_restore,
     set_dry_run},
    {"--json", "", "run --once, check, dump, restore, status, config show and orders",
     "all that report or give an order: machine-readable, on stdout", of_report, set_json},
    {"--combined", "FILE", "check",
     "check: name each record and container in FILE, or on stdout (-): = same, + only on the "
     "master, - only on the replica, * differs, ! quarantined or not comparable",
     of_check, set_combined},
    {"--bodies", "", "check", "check: compare the bodies of records too, by value", of_check,
     set_bodies},
    {"--timeout", "DURATION", "sync", "sync: how long to wait; 60s when not given", of_sync,
     set_timeout},
    {"--seed", "N", "selftest", "selftest: replay the random data of an earlier run", of_selftest,
     set_seed},
    {"--records", "N", "selftest", "selftest: how many records the scenarios use", of_selftest,
     set_records},
    {"--filter", "GLOB", "selftest", "selftest: only scenarios whose name matches", of_selftest,
     set_filter},
    {"--list", "", "selftest", "selftest: print the scenarios, run none", of_selftest, set_list},
    {"--junit", "FILE", "selftest", "selftest: also write a JUnit report", of_selftest, set_junit},
});

}  // namespace

std::span<const Switch> switches() {
  return all_switches;
}

}  // namespace kinto_mirror::daemon
