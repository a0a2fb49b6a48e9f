// The XML half of results.hpp.
#include "base/utf8.hpp"
#include "selftest/results.hpp"

#include <cstdint>
#include <iomanip>
#include <sstream>
#include <utf8.h>

namespace kinto_mirror::selftest {

namespace {

using Verdict = ScenarioResult::Verdict;

// XML 1.0 allows neither most control characters nor the last two of the Basic Multilingual Plane.
bool is_allowed(std::uint32_t code) noexcept {
  const bool is_space = code == '\t' || code == '\n' || code == '\r';
  return is_space || (code >= 0x20 && code != 0xFFFE && code != 0xFFFF);
}

std::string escaped(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string out;
  for (auto at = valid.begin(); at != valid.end();) {
    const auto begin = at;
    const std::uint32_t code = utf8::unchecked::next(at);
    switch (is_allowed(code) ? code : 0) {
      case 0:
        out += "\xEF\xBF\xBD";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':  // a plain one would become a space in an attribute
        out += "&#10;";
        break;
      default:
        out.append(begin, at);
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}

std::string seconds(double value) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(3) << value;
  return out.str();
}

std::string first_line(const ScenarioResult& result) {
  if (result.details.empty()) return "";
  const std::string& text = result.details.front();
  return text.substr(0, text.find('\n'));
}

std::string testcase(const ScenarioResult& result, const std::string& replica) {
  // Readers of such reports tell cases apart by class and name.
  const std::string of_replica = replica.empty() ? "" : "." + replica;
  std::string out = "    <testcase" + attribute("classname", "kinto-mirror.selftest" + of_replica) +
                    attribute("name", result.name) + attribute("time", seconds(result.seconds));
  if (result.verdict == Verdict::passed) return out + "/>\n";
  const std::string element = result.verdict == Verdict::failed ? "failure" : "skipped";
  out += ">\n      <" + element + attribute("message", first_line(result)) + ">";
  for (const std::string& detail : result.details) out += escaped(detail) + "\n";
  return out + "</" + element + ">\n    </testcase>\n";
}

std::string testsuite(const Suite& suite, std::uint64_t seed) {
  const Summary summary = summarize({suite});
  double time = 0;
  for (const ScenarioResult& result : suite.results) time += result.seconds;
  std::string out = "  <testsuite";
  out += attribute(
      "name", "kinto-mirror selftest" + (suite.replica.empty() ? "" : " against " + suite.replica));
  out += attribute("tests", std::to_string(suite.results.size()));
  out += attribute("failures", std::to_string(summary.failed)) + attribute("errors", "0");
  out += attribute("skipped", std::to_string(summary.skipped));
  out += attribute("time", seconds(time)) + ">\n    <properties>\n      <property";
  out += attribute("name", "seed") + attribute("value", std::to_string(seed));
  out += "/>\n    </properties>\n";
  for (const ScenarioResult& result : suite.results) out += testcase(result, suite.replica);
  return out + "  </testsuite>\n";
}

}  // namespace

std::string to_junit(const std::vector<Suite>& suites, std::uint64_t seed) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Suite& suite : suites) out += testsuite(suite, seed);
  return out + "</testsuites>\n";
}

}  // namespace kinto_mirror::selftest
