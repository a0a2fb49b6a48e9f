#include "daemon/logging.hpp"

#include "daemon/secrets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

struct Logged {
  std::ostringstream out;

  explicit Logged(LogOptions options, std::vector<std::string> secrets = {}) {
    start_logging(options, std::move(secrets), out);
  }
  ~Logged() {
    set_before_line(nullptr);
    stop_logging();
  }
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
};

}  // namespace

TEST_CASE("the level decides what is written") {
  const Logged logged({Level::warning, LogFormat::text});
  CHECK(!is_logged(Level::info));
  CHECK(is_logged(Level::warning));
  log_event(Level::info, "x", "not this");
  log_event(Level::warning, "x", "but this", {{"n", 1}});
  log_event(Level::error, "x", "and {} this %v");
  const std::string text = logged.out.str();
  CHECK(text.find("not this") == std::string::npos);
  CHECK(text.find(" warn  but this n=1\n") != std::string::npos);
  CHECK(text.find(" error and {} this %v\n") != std::string::npos);
}

TEST_CASE("json is one object a line") {
  const Logged logged({Level::info, LogFormat::json});
  log_event(Level::info, "a.b", "one");
  log_event(Level::info, "a.b", "two\nlines");
  const std::string text = logged.out.str();
  CHECK(text.starts_with("{\"Timestamp\":"));
  CHECK(text.find("\"Type\":\"a.b\"") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("without a logger nothing is written and nothing breaks") {
  stop_logging();
  CHECK(!is_logged(Level::error));
  log_event(Level::error, "x", "nobody hears");
}

TEST_CASE("secrets are cut out of messages and fields") {
  const Logged logged({Level::info, LogFormat::json}, {"hunter2", "user:hunter2", "pw"});
  log_event(Level::info, "x", "GET with user:hunter2 and hunter2hunter2", {{"url", "a:hunter2@b"}});
  const std::string text = logged.out.str();
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("GET with **** and ********") != std::string::npos);
  CHECK(text.find("\"url\":\"a:****@b\"") != std::string::npos);
}

TEST_CASE("a secret within its own mask does not loop") {
  SecretGuard guard;
  guard.add({"****", "***"});
  CHECK(guard.clean("a **** b") == "a **** b");
}

TEST_CASE("the progress line makes room first") {
  int calls = 0;
  const Logged logged({Level::info, LogFormat::text});
  set_before_line([&] {
    ++calls;
    CHECK(logged.out.str().empty());
  });
  log_event(Level::debug, "x", "not written");
  CHECK(calls == 0);
  log_event(Level::info, "x", "written");
  CHECK(calls == 1);
}

}  // namespace kinto_mirror::daemon
