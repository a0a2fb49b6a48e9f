#include "daemon/status/history.hpp"

#include "daemon/status/test_snapshot.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

Snapshot moment(std::int64_t at, std::int64_t created, std::uint64_t requests) {
  Snapshot snapshot = snapshot_with({});
  snapshot.now = Stamp{at};
  snapshot.master.exchanges.by_status["200"] = requests;
  snapshot.replicas[0].counters.written.created = created;
  snapshot.replicas[0].server.exchanges.by_status["200"] = 2 * requests;
  snapshot.replicas[0].lag = Millis{at - 1'000};
  return snapshot;
}

}  // namespace

TEST_CASE("samples tell what was written and asked since the one before") {
  History history;
  history.add(moment(1'000, 5, 10));
  history.add(moment(2'001, 5, 12));
  history.add(moment(3'000, 105, 12));
  CHECK(boost::json::parse(history.json(Stamp{3'500})) == boost::json::parse(R"({
    "now": 3500, "at": [1000, 2001, 3000],
    "master": {"name": "master", "requests": [10, 2, 0]},
    "replicas": [{"name": "replica", "requests": [20, 4, 0], "lag": [0, 2, 2],
                  "written": [5, 0, 100]}]})"));
}

TEST_CASE("no more than an hour is kept") {
  History history;
  for (int i = 0; i < 365; ++i) history.add(moment(i, 0, 0));
  const boost::json::value told = boost::json::parse(history.json(Stamp{365}));
  CHECK(told.at("at").as_array().size() == History::max_samples);
  CHECK(told.at("at").at(0) == 5);
  CHECK(told.at("replicas").at(0).at("lag").as_array().size() == History::max_samples);
}

TEST_CASE("before the first sample there is nothing to plot") {
  CHECK(boost::json::parse(History().json(Stamp{1})) ==
        boost::json::parse(R"({"now": 1, "at": [], "master": {}, "replicas": []})"));
}

}  // namespace kinto_mirror::daemon
