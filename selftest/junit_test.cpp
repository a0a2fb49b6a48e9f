#include "selftest/results.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::selftest {

namespace {

ScenarioResult result(const char* name, ScenarioResult::Verdict verdict, std::string detail) {
  ScenarioResult out;
  out.name = name;
  out.verdict = verdict;
  out.seconds = 0.25;
  if (!detail.empty()) out.details.push_back(std::move(detail));
  return out;
}

using Verdict = ScenarioResult::Verdict;

Suite suite(const char* replica, std::vector<ScenarioResult> results) {
  Suite out;
  out.replica = replica;
  out.results = std::move(results);
  return out;
}

}  // namespace

TEST_CASE("a JUnit report counts and names everything") {
  const std::string xml = to_junit({suite("", {result("one", Verdict::passed, ""),
                                               result("two", Verdict::failed, "a < b\nsecond line"),
                                               result("three", Verdict::skipped, "interrupted")})},
                                   42);
  CHECK(xml.find(R"(tests="3" failures="1" errors="0" skipped="1" time="0.750")") !=
        std::string::npos);
  CHECK(xml.find(R"(<property name="seed" value="42"/>)") != std::string::npos);
  CHECK(xml.find(R"(name="one" time="0.250"/>)") != std::string::npos);
  CHECK(xml.find(R"(<failure message="a &lt; b">a &lt; b&#10;second line)") != std::string::npos);
  CHECK(xml.find(R"(<skipped message="interrupted">)") != std::string::npos);
}

TEST_CASE("each of several replicas has a suite, and cases of its own") {
  const std::string xml = to_junit({suite("near", {result("one", Verdict::passed, "")}),
                                    suite("far", {result("one", Verdict::failed, "x")})},
                                   42);
  CHECK(
      xml.find(R"(<testsuite name="kinto-mirror selftest against near" tests="1" failures="0")") !=
      std::string::npos);
  CHECK(xml.find(R"(<testsuite name="kinto-mirror selftest against far" tests="1" failures="1")") !=
        std::string::npos);
  CHECK(xml.find(R"(classname="kinto-mirror.selftest.near" name="one")") != std::string::npos);
  CHECK(xml.find(R"(classname="kinto-mirror.selftest.far" name="one")") != std::string::npos);
}

TEST_CASE("what XML does not allow is replaced") {
  const auto text = [](std::string_view detail) {
    const std::string xml =
        to_junit({suite("", {result("x", Verdict::failed, std::string(detail))})}, 1);
    const std::size_t begin = xml.find("\">", xml.find("<failure")) + 2;
    return xml.substr(begin, xml.find("\n</failure>") - begin);
  };
  const std::string replaced = "\xEF\xBF\xBD";
  CHECK(text("a&b<c>d\"e") == "a&amp;b&lt;c&gt;d&quot;e");
  CHECK(text(std::string_view("a\0b\x1b[", 5)) == "a" + replaced + "b" + replaced + "[");
  CHECK(text("\xE9t\xE9") == replaced + "t" + replaced);                 // Latin-1
  CHECK(text("\xED\xA0\x80!") == replaced + replaced + replaced + "!");  // a lone surrogate
  CHECK(text("\xC3\xA9 \xF0\x9F\x98\x80") == "\xC3\xA9 \xF0\x9F\x98\x80");
  CHECK(text("\xEF\xBF\xBE!") == replaced + "!");  // no character, well-formed as it is
  CHECK(text("cut \xF0\x9F") == "cut " + replaced + replaced);
}

}  // namespace kinto_mirror::selftest
