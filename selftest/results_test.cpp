#include "selftest/results.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::selftest {

TEST_CASE("a result is one line, and its details are indented below it") {
  ScenarioResult result;
  result.name = "mission";
  result.seconds = 0.314;
  CHECK(to_text(result) == "ok    mission (0.31 s)\n");
  result.verdict = ScenarioResult::Verdict::failed;
  result.details = {"basics.cpp:1: CHECK( a == b ): 1 == 2\n  with x", "second"};
  CHECK(to_text(result) ==
        "FAIL  mission (0.31 s)\n"
        "      basics.cpp:1: CHECK( a == b ): 1 == 2\n"
        "        with x\n"
        "      second\n");
}

TEST_CASE("the last line counts") {
  Suite suite;
  suite.results.resize(4);
  suite.results[1].verdict = ScenarioResult::Verdict::failed;
  suite.results[2].verdict = ScenarioResult::Verdict::skipped;
  CHECK(to_text(summarize({suite})) == "2 passed, 1 failed, 1 skipped");
  CHECK(to_text(summarize({suite, suite})) == "4 passed, 2 failed, 2 skipped");
}

}  // namespace kinto_mirror::selftest
