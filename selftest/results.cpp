#include "selftest/results.hpp"

#include <iomanip>
#include <sstream>

namespace kinto_mirror::selftest {

namespace {

using Verdict = ScenarioResult::Verdict;

std::string_view mark(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::passed:
      return "ok   ";
    case Verdict::failed:
      return "FAIL ";
    case Verdict::skipped:
      return "skip ";
  }
  return "";
}

// In the classic locale, whatever the global one is.
std::string seconds(double value, int digits) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

}  // namespace

std::string to_text(const ScenarioResult& result) {
  std::string out(mark(result.verdict));
  out += " " + result.name + " (" + seconds(result.seconds, 2) + " s)\n";
  for (const std::string& detail : result.details) {
    std::istringstream lines(detail);
    for (std::string line; std::getline(lines, line);) out += "      " + line + "\n";
  }
  return out;
}

Summary summarize(const std::vector<Suite>& suites) {
  Summary summary;
  for (const Suite& suite : suites) {
    for (const ScenarioResult& result : suite.results) {
      if (result.verdict == Verdict::passed) ++summary.passed;
      if (result.verdict == Verdict::failed) ++summary.failed;
      if (result.verdict == Verdict::skipped) ++summary.skipped;
    }
  }
  return summary;
}

std::string to_text(const Summary& summary) {
  return std::to_string(summary.passed) + " passed, " + std::to_string(summary.failed) +
         " failed, " + std::to_string(summary.skipped) + " skipped";
}

}  // namespace kinto_mirror::selftest
