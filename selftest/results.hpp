#pragma once
// What came of the scenarios, and how it reads. Plain data and pure functions.

#include "selftest/selftest.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::selftest {

struct ScenarioResult {
  enum class Verdict { passed, failed, skipped };

  std::string name;
  Verdict verdict = Verdict::passed;
  double seconds = 0;
  std::vector<std::string> details;  // failures, or why it was skipped; may hold several lines
};

// The scenarios against one replica.
struct Suite {
  std::string replica;  // its name; empty where it is the only one
  std::vector<ScenarioResult> results;
};

// "ok    mission (0.31 s)", and the details on lines of their own. Ends with a line break.
std::string to_text(const ScenarioResult& result);

Summary summarize(const std::vector<Suite>& suites);

// "12 passed, 0 failed, 0 skipped"
std::string to_text(const Summary& summary);

// A JUnit report with a testsuite for each: valid XML whatever the details hold.
std::string to_junit(const std::vector<Suite>& suites, std::uint64_t seed);

}  // namespace kinto_mirror::selftest
