#include "daemon/log_observer.hpp"

#include "daemon/logging.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace kinto_mirror::daemon {

namespace {

// What is logged once rounds over the replica "paris" that failed so work again.
std::string recovery(const std::vector<const char*>& messages) {
  std::ostringstream out;
  start_logging({Level::info, LogFormat::text}, {}, out);
  const SystemClock clock;
  LogObserver observer(clock);
  for (const char* message : messages) {
    observer.round_failed("paris", Error(Errc::unreachable, message), Millis{1});
  }
  out.str("");
  observer.round_worked("paris", 3);
  stop_logging();
  return out.str();
}

}  // namespace

TEST_CASE("the server that works again is the one that had failed") {
  const char* const master = "master: GET http://m/v1/: connection refused";
  const char* const replica = "paris http://p/v1: GET /: 503";
  struct Case {
    std::vector<const char*> messages;
    const char* told;
  };
  for (const Case& c : {
           Case{{master}, " master works again "},
           Case{{replica, replica}, " paris works again "},
           Case{{master, replica}, " master works again, and so does paris "},
           Case{{"the checkpoint file /x is locked"}, " copying to paris works again "},
           Case{{"mastery: x"}, " copying to paris works again "},
           Case{{}, " following the master "},
       }) {
    CAPTURE(c.told);
    CHECK(recovery(c.messages).find(c.told) != std::string::npos);
  }
}

TEST_CASE("passes over the containers are logged beside those over collections") {
  std::ostringstream out;
  start_logging({Level::info, LogFormat::text}, {}, out);
  const SystemClock clock;
  LogObserver observer(clock);
  sync::ContainersReport report;
  report.written.created = 1;
  observer.containers_done("paris", report);
  stop_logging();
  CHECK(out.str().find("containers of paris: 0 same, 1 created") != std::string::npos);
}

}  // namespace kinto_mirror::daemon
