// The XML half of results.hpp.
#include "selftest/results.hpp"

#include <iomanip>
#include <sstream>

namespace kinto_mirror::selftest {

namespace {

using Verdict = ScenarioResult::Verdict;

// The length of the UTF-8 sequence at the beginning of `text`, or 0 where there is no sound one
// that XML 1.0 allows.
std::size_t allowed_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
  const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
  const bool no_character = lead == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE;
  return overlong || surrogate || beyond || no_character ? 0 : length;
}

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = allowed_character(text);
    switch (length == 0 ? '\0' : text.front()) {
      case '\0':
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
        out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
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
