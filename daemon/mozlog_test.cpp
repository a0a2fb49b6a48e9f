#include "daemon/mozlog.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace kinto_mirror::daemon {

namespace {

const Process process{"host", 42};

Event event_at(std::int64_t ms, Level level, std::string message, Fields fields = {}) {
  return {std::chrono::system_clock::time_point(std::chrono::milliseconds(ms)), level, "sync.pass",
          std::move(message), std::move(fields)};
}

}  // namespace

TEST_CASE("a mozlog line holds all that the format asks for") {
  const Event event = event_at(1'795'491'845'123, Level::info, "pass done",
                               {{"created", 5}, {"rate", 2.5}, {"once", true}, {"id", "a/b"}});
  CHECK(mozlog_line(event, process) ==
        R"({"Timestamp":1795491845123000000,"Type":"sync.pass","Logger":"kinto-mirror",)"
        R"("Hostname":"host","EnvVersion":"2.0","Severity":6,"Pid":42,)"
        R"("Fields":{"msg":"pass done","created":5,"rate":2.5E0,"once":true,"id":"a/b"}})");
}

TEST_CASE("severities are syslog's") {
  const auto has = [](Level level, const char* text) {
    return mozlog_line(event_at(0, level, ""), process).find(text) != std::string::npos;
  };
  CHECK(has(Level::trace, "\"Severity\":7,"));
  CHECK(has(Level::debug, "\"Severity\":7,"));
  CHECK(has(Level::warning, "\"Severity\":4,"));
  CHECK(has(Level::error, "\"Severity\":3,"));
}

TEST_CASE("whatever a server says, a line is one JSON object") {
  const Event event =
      event_at(0, Level::error, "a \"quote\"\n\x01 \xFF\xC0\x80 \xED\xA0\x80",
               {{"odd\xFF", "\\\xE2\x82"}, {"inf", std::numeric_limits<double>::infinity()}});
  const std::string line = mozlog_line(event, process);
  const std::string r = "\xEF\xBF\xBD";
  CHECK(line.find("\"msg\":\"a \\\"quote\\\"\\n\\u0001 " + r + r + r + " " + r + r + r + "\"") !=
        std::string::npos);
  CHECK(line.find("\"odd" + r + "\":\"\\\\" + r + r + "\",\"inf\":null") != std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("text for people") {
  const Event event = event_at(1'795'491'845'123, Level::info, "pass done",
                               {{"created", 5},
                                {"rate", 2.5},
                                {"once", false},
                                {"id", "a/b"},
                                {"why", "two words"},
                                {"quote", "\"x\""},
                                {"none", ""}});
  CHECK(text_line(event, false) ==
        "2026-11-24 03:44:05.123 info  pass done created=5 rate=2.5 once=false id=a/b "
        "why=\"two words\" quote=\"\\\"x\\\"\" none=\"\"");
  CHECK(text_line(event, true).find("\x1b[32minfo \x1b[0m pass") != std::string::npos);
  const std::string odd = text_line(event_at(0, Level::error, "a\nb\x1b[2J"), false);
  CHECK(odd == "1970-01-01 00:00:00.000 error a\\nb\\x1b[2J");
}

}  // namespace kinto_mirror::daemon
