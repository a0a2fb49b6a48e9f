#include "selftest/selftest.hpp"

#include "selftest/cases.hpp"
#include "selftest/dependencies.hpp"
#include "selftest/interrupt.hpp"
#include "selftest/random.hpp"
#include "selftest/results.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/session.hpp"
#include "sync/decide/scope.hpp"

#include <exception>
#include <fstream>
#include <ostream>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

Result<std::vector<std::string>> select(const std::string& filter) {
  std::vector<std::string> names = scenario_names();
  if (filter.empty()) return names;
  std::erase_if(names,
                [&filter](const std::string& name) { return !sync::glob_match(filter, name); });
  if (names.empty()) {
    return Error(Errc::usage, "--filter '" + filter +
                                  "' matches no scenario; selftest --list shows their names");
  }
  return names;
}

Error cannot_write(const std::string& file) {
  return {Errc::usage, "--junit '" + file +
                           "' cannot be written; give a file in a folder that "
                           "exists and may be written"};
}

// Asked before the servers are: a run whose report is lost would be for nothing.
Result<void> check_junit(const std::string& file) {
  if (file.empty()) return success();
  if (!std::ofstream(file, std::ios::app)) return cannot_write(file);
  return success();
}

Result<void> write_junit(const std::string& file, const std::vector<Suite>& suites,
                         std::uint64_t seed) {
  if (file.empty()) return success();
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << to_junit(suites, seed);
  out.close();
  if (!out) return cannot_write(file);
  return success();
}

// The settings of the test of each replica.
std::vector<Settings> for_each_replica(const Settings& settings) {
  std::vector<Settings> out;
  for (const Endpoint& replica : settings.replicas) {
    out.push_back(settings);
    out.back().replica = replica;
  }
  return out;
}

// Where there is but one replica, nothing needs its name.
Suite suite_of(const Settings& settings) {
  Suite suite;
  if (settings.replicas.size() > 1) suite.replica = settings.replica.name;
  return suite;
}

void head(const Settings& settings, std::ostream& out) {
  if (settings.replicas.size() < 2) return;
  out << "---- " << settings.replica.name << ' ' << settings.replica.url.str() << '\n'
      << std::flush;
}

ScenarioResult failed_dependency(const Error& error) {
  ScenarioResult result;
  result.name = "dependencies";
  result.verdict = ScenarioResult::Verdict::failed;
  result.details.push_back(error.message);
  return result;
}

// Of all replicas, before the first scenario writes anything.
Result<void> check_all(const std::vector<Settings>& all, std::uint64_t seed,
                       const Interrupt& interrupt, std::ostream& out) {
  for (const Settings& settings : all) {
    head(settings, out);
    const auto checked = check_dependencies(settings, interrupt, out);
    if (checked) continue;
    Suite suite = suite_of(settings);
    suite.results.push_back(failed_dependency(checked.error()));
    const auto written = write_junit(settings.junit, {std::move(suite)}, seed);
    if (!written) out << "warn  " << written.error().message << '\n';
    return checked.error();
  }
  out << "seed  " << seed << " (--seed " << seed << " makes the same records again)\n"
      << std::flush;
  return success();
}

// Scenarios that an interruption kept from beginning.
std::vector<ScenarioResult> not_begun(const std::vector<std::string>& names) {
  std::vector<ScenarioResult> out;
  for (const std::string& name : names) {
    ScenarioResult result;
    result.name = name;
    result.verdict = ScenarioResult::Verdict::skipped;
    result.details.emplace_back("interrupted");
    out.push_back(std::move(result));
  }
  return out;
}

Suite run_selected(const Settings& settings, std::uint64_t seed,
                   const std::vector<std::string>& names, const Interrupt& interrupt,
                   std::ostream& out) {
  Suite suite = suite_of(settings);
  if (interrupt.requested()) {
    suite.results = not_begun(names);
    return suite;
  }
  out << '\n';
  head(settings, out);
  Session session(settings, seed, interrupt, out);
  session.litter().look_before();
  run_cases(names, session);
  for (const std::string& problem : session.litter().sweep_all()) {
    out << "left  " << problem << "; delete it by hand\n";
  }
  suite.results = session.results();
  return suite;
}

Result<Summary> run_interruptibly(const Settings& settings, const std::vector<std::string>& names,
                                  std::ostream& out) {
  const Interrupt interrupt;
  const std::uint64_t seed = settings.seed.value_or(random_seed());
  const std::vector<Settings> all = for_each_replica(settings);
  try {
    const auto checked = check_all(all, seed, interrupt, out);
    if (!checked) return checked.error();
  } catch (const Interrupted&) {
    // Every scenario is told as not begun.
  }
  std::vector<Suite> suites;
  suites.reserve(all.size());
  for (const Settings& one : all) suites.push_back(run_selected(one, seed, names, interrupt, out));
  const auto written = write_junit(settings.junit, suites, seed);
  Summary summary = summarize(suites);
  summary.interrupted = interrupt.requested();
  out << (summary.interrupted ? "\ninterrupted\n" : "\n") << to_text(summary) << '\n' << std::flush;
  if (!written) return written.error();
  return summary;
}

}  // namespace

std::vector<std::string> scenario_names() {
  anchor_scenarios();
  return case_names();
}

Result<Summary> run(const Settings& settings, std::ostream& out) {
  const auto names = select(settings.filter);
  if (!names) return names.error();
  if (settings.list) {
    for (const std::string& name : *names) out << name << '\n';
    out << std::flush;
    return Summary();
  }
  const auto writable = check_junit(settings.junit);
  if (!writable) return writable.error();
  try {
    return run_interruptibly(settings, *names, out);
  } catch (const std::exception& error) {
    return Error(Errc::internal, std::string("selftest: ") + error.what());
  }
}

}  // namespace kinto_mirror::selftest
