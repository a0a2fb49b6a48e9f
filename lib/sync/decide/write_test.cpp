#include "sync/decide/write.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using Guard = kinto::Subrequest::Guard;

const CollectionId collection("b", "c");
const std::string path = "/buckets/b/collections/c/records/r";

Write write_of(Action action) {
  Write write;
  write.action = action;
  write.change = Change{"r", Stamp{100}, action == Action::remove};
  write.replica = Known{Stamp{50}, false};
  write.placed = write.change.stamp;
  if (action != Action::remove) write.record = R"({"id":"r","last_modified":100, "n":1.0})";
  return write;
}

}  // namespace

TEST_CASE("a create is a PUT where nothing is, with the master's own bytes") {
  const auto requests = to_subrequests(write_of(Action::create), collection);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "PUT");
  CHECK(requests[0].path == path);
  CHECK(requests[0].guard == Guard::if_absent);
  CHECK(requests[0].data == R"({"id":"r","last_modified":100, "n":1.0})");
}

TEST_CASE("an update is a PUT over the version that was seen") {
  const auto requests = to_subrequests(write_of(Action::update), collection);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "PUT");
  CHECK(requests[0].guard == Guard::if_stamp);
  CHECK(requests[0].guard_stamp == Stamp{50});
  CHECK(requests[0].data == R"({"id":"r","last_modified":100, "n":1.0})");
}

TEST_CASE("a remove gives the tombstone the master's stamp, and hits only what was seen") {
  const auto requests = to_subrequests(write_of(Action::remove), collection);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "DELETE");
  CHECK(requests[0].path == path + "?last_modified=100");
  CHECK(requests[0].guard == Guard::if_stamp);
  CHECK(requests[0].guard_stamp == Stamp{50});
  CHECK(requests[0].data.empty());
}

TEST_CASE("a remove without a stamp to give leaves it to the replica") {
  Write write = write_of(Action::remove);
  write.for_lack = true;
  write.placed = Stamp{};
  const auto requests = to_subrequests(write, collection);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == path);
  CHECK(requests[0].guard == Guard::if_stamp);
}

TEST_CASE("a recreate deletes what was seen, then puts where nothing is") {
  const auto requests = to_subrequests(write_of(Action::recreate), collection);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "DELETE");
  CHECK(requests[0].path == path);
  CHECK(requests[0].guard == Guard::if_stamp);
  CHECK(requests[0].guard_stamp == Stamp{50});
  CHECK(requests[1].method == "PUT");
  CHECK(requests[1].guard == Guard::if_absent);
  CHECK(requests[1].data == R"({"id":"r","last_modified":100, "n":1.0})");
}

TEST_CASE("a record that is put where nothing is gets the permissions that it had") {
  for (const Action action : {Action::create, Action::update, Action::recreate}) {
    Write write = write_of(action);
    write.permissions = R"({"read":["system.Everyone"]})";
    const auto requests = to_subrequests(write, collection);
    // Of a record that stays Kinto keeps them, and they may have changed since.
    CHECK(requests.back().permissions == (action == Action::update ? "" : write.permissions));
    CHECK(requests.front().method == (action == Action::recreate ? "DELETE" : "PUT"));
  }
}

TEST_CASE("what was stored under another stamp comes with its permissions") {
  kinto::Answer answer;
  answer.status = 200;
  answer.stamp = Stamp{101};
  answer.permissions = R"({"read":["system.Everyone"]})";
  const Outcome outcome = classify(write_of(Action::update), {answer});
  CHECK(outcome.verdict == Verdict::replan);
  CHECK(outcome.permissions == answer.permissions);
}

TEST_CASE("a record that goes to another stamp changes in nothing else") {
  for (const Action action : {Action::create, Action::update, Action::recreate}) {
    Write write = write_of(action);
    write.placed = Stamp{101};
    const auto requests = to_subrequests(write, collection);
    CHECK(requests.back().data == R"({"id":"r","last_modified":101, "n":1.0})");
  }
}

TEST_CASE("a tombstone that goes to another stamp says so") {
  Write write = write_of(Action::remove);
  write.placed = Stamp{101};
  CHECK(to_subrequests(write, collection)[0].path == path + "?last_modified=101");
}

TEST_CASE("an odd id stays in its segment") {
  Write write = write_of(Action::create);
  write.change.id = "a\n";
  CHECK(to_subrequests(write, collection)[0].path == "/buckets/b/collections/c/records/a%0A");
}

}  // namespace kinto_mirror::sync
