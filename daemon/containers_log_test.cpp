#include "daemon/containers_log.hpp"

#include "daemon/logging.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

using Kind = sync::ContainerDifference::Kind;

// What one listener writes to the log, pass by pass.
struct Fixture {
  Fixture() { start_logging({Level::info, LogFormat::text}, {}, out); }
  ~Fixture() { stop_logging(); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  std::string pass(const sync::ContainersReport& report) {
    out.str("");
    log.tell("paris", report);
    flush_log();
    return out.str();
  }

  std::string pass_with(std::vector<sync::ContainerDifference> differences) {
    sync::ContainersReport report;
    report.differences = std::move(differences);
    report.state = conclude(report, sync::Extras::keep);
    return pass(report);
  }

  std::ostringstream out;
  SystemClock clock;
  ContainersLog log{clock};
};

bool tells(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what was written is told, and that nothing was is not") {
  sync::ContainersReport report;
  report.same = 3;
  CHECK(tells(pass(report), "the containers of paris are in sync"));
  CHECK(pass(report).empty());
  report.written.created = 2;
  CHECK(tells(pass(report), "containers of paris: 3 same, 2 created, 0 updated, 0 deleted"));
}

TEST_CASE_FIXTURE(Fixture, "a difference is told once, and when it is over") {
  const sync::ContainerDifference schema{"b/collections/c", Kind::data, "no schema"};
  const sync::ContainerDifference reader{"b", Kind::unknown_permissions, ""};
  const std::string first = pass_with({reader, schema});
  CHECK(lines(first) == 2);
  CHECK(tells(first, "b unknown-permissions: its permissions are not shown"));
  CHECK(tells(first, "b/collections/c data: no schema"));
  CHECK(pass_with({reader, schema}).empty());
  // With another reason it is another one; the rest is silent.
  CHECK(tells(pass_with({reader, {"b/collections/c", Kind::data, "other"}}), "c data: other"));
  const std::string over = pass_with({reader});
  CHECK(lines(over) == 1);
  CHECK(tells(over, "b/collections/c: over (data)"));
  const std::string all_over = pass_with({});
  CHECK(tells(all_over, "b: over (unknown-permissions)"));
  CHECK(tells(all_over, "are in sync"));
  CHECK(tells(pass_with({schema}), "no schema"));
}

TEST_CASE_FIXTURE(Fixture, "a failure is told once, and nothing that was told is over with it") {
  const sync::ContainerDifference schema{"b/collections/c", Kind::data, "no schema"};
  pass_with({schema});
  sync::ContainersReport failed;
  failed.state = sync::State::failed;
  failed.error = Error(Errc::failing, "paris: 503");
  CHECK(tells(pass(failed), "the containers of paris were not compared: paris: 503"));
  CHECK(pass(failed).empty());
  const std::string again = pass_with({schema});
  CHECK(lines(again) == 1);
  CHECK(tells(again, "the containers of paris work again after 2 failures"));
}

TEST_CASE_FIXTURE(Fixture, "of many differences the first are told, and the others counted") {
  std::vector<sync::ContainerDifference> many;
  many.reserve(500);
  for (int i = 0; i < 500; ++i) many.push_back({"b" + std::to_string(i), Kind::missing, ""});
  const std::string told = pass_with(many);
  CHECK(lines(told) == ContainersLog::max_lines + 1);
  CHECK(tells(told, "480 more containers are not as they should be"));
  const std::string over = pass_with({});
  CHECK(lines(over) == ContainersLog::max_lines + 2);
  CHECK(tells(over, "480 more containers are as they should be again"));
}

}  // namespace kinto_mirror::daemon
