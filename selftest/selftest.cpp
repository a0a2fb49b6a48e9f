#include "selftest/selftest.hpp"

#include "selftest/cases.hpp"
#include "selftest/dependencies.hpp"
#include "selftest/interrupt.hpp"
#include "selftest/random.hpp"
#include "selftest/results.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/session.hpp"
#include "sync/scope.hpp"

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

Result<void> write_junit(const std::string& file, const std::vector<ScenarioResult>& results,
                         std::uint64_t seed) {
  if (file.empty()) return success();
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << to_junit(results, seed);
  out.close();
  if (!out) return cannot_write(file);
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

ScenarioResult failed_dependency(const Error& error) {
  ScenarioResult result;
  result.name = "dependencies";
  result.verdict = ScenarioResult::Verdict::failed;
  result.details.push_back(error.message);
  return result;
}

std::vector<ScenarioResult> run_selected(const Settings& settings, std::uint64_t seed,
                                         const std::vector<std::string>& names,
                                         const Interrupt& interrupt, std::ostream& out) {
  Session session(settings, seed, interrupt, out);
  run_cases(names, session);
  for (const std::string& problem : session.litter().sweep_all()) {
    out << "left  " << problem << "; delete it by hand\n";
  }
  return session.results();
}

Result<Summary> run_interruptibly(const Settings& settings, const std::vector<std::string>& names,
                                  std::ostream& out) {
  const Interrupt interrupt;
  const std::uint64_t seed = settings.seed.value_or(random_seed());
  std::vector<ScenarioResult> results;
  try {
    const auto checked = check_dependencies(settings, interrupt, out);
    if (!checked) {
      const auto written = write_junit(settings.junit, {failed_dependency(checked.error())}, seed);
      if (!written) out << "warn  " << written.error().message << '\n';
      return checked.error();
    }
    out << "seed  " << seed << " (--seed " << seed << " makes the same records again)\n\n"
        << std::flush;
    results = run_selected(settings, seed, names, interrupt, out);
  } catch (const Interrupted&) {
    results = not_begun(names);
  }
  const auto written = write_junit(settings.junit, results, seed);
  Summary summary = summarize(results);
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
