#include "daemon/log_observer.hpp"

#include "daemon/logging.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace kinto_mirror::daemon {

namespace {

// What is logged once rounds over the replica "paris" work again that these servers made fail.
std::string recovery(const std::vector<const char*>& servers) {
  std::ostringstream out;
  start_logging({Level::info, LogFormat::text}, {}, out);
  const SystemClock clock;
  LogObserver observer(clock);
  for (const char* server : servers) {
    Error error(Errc::unreachable, "no connection");
    error.server = server;
    observer.round_failed("paris", error, Millis{1});
  }
  out.str("");
  observer.round_worked("paris", 3);
  stop_logging();
  return out.str();
}

}  // namespace

TEST_CASE("the server that works again is the one that had failed") {
  struct Case {
    std::vector<const char*> servers;
    const char* told;
  };
  for (const Case& c : {
           Case{{"master"}, " master works again "},
           Case{{"paris", "paris"}, " paris works again "},
           Case{{"master", "paris"}, " master works again, and so does paris "},
           Case{{""}, " copying to paris works again "},  // a file, say
           Case{{}, " following the master "},
       }) {
    CAPTURE(c.told);
    CHECK(recovery(c.servers).find(c.told) != std::string::npos);
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

TEST_CASE("a cache before a server is told once, whatever was asked through it") {
  std::ostringstream out;
  start_logging({Level::info, LogFormat::text}, {}, out);
  const SystemClock clock;
  LogObserver observer(clock);
  const auto lines = [&](const char* server, bool stored) {
    Error error(Errc::unproven, std::string(server) + " http://x/v1: GET /buckets: not of now");
    error.server = server;
    error.stored = stored;
    out.str("");
    for (const char* bucket : {"b", "c"}) {
      sync::CollectionReport collection;
      collection.id = CollectionId(bucket, server);
      collection.state = sync::State::failed;
      collection.error = error;
      observer.pass_done("paris", collection);
    }
    sync::ContainersReport containers;
    containers.fail(error);
    observer.containers_done("paris", containers);
    observer.round_failed("paris", error, Millis{1});
    const std::string text = out.str();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("not of now", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  CHECK(lines("master", true) == 1);
  CHECK(lines("master", true) == 0);
  CHECK(lines("paris", true) == 1);
  // What else is unproven is of each by itself.
  CHECK(lines("other", false) >= 2);
  stop_logging();
}

}  // namespace kinto_mirror::daemon
