// What becomes of a record that only the replica has, once the master was asked for it again.
#include "sync/extras.hpp"

#include "sync/test_apply.hpp"
#include "sync/test_pair.hpp"
#include "sync/test_walk.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

const std::string nothing = R"({"data":[]})";

std::string tombstone_of_x(std::int64_t stamp) {
  return R"({"data":[{"id":"x","last_modified":)" + std::to_string(stamp) + R"(,"deleted":true}]})";
}

// The master's walk began at the ETag 100; the replica has x besides, at 50.
struct OneExtra : test::Pair {
  void remove() {
    run<bool>([](const PassContext& context) -> Task<bool> {
      MergeJoin join(100);
      const std::vector<test::Listed> of_master = {test::live("a", 10)};
      test::walk(join, of_master, {test::live("a", 10), test::live("x", 50)});
      CollectionReport report;
      report.id = CollectionId("b", "c");
      Applier applier(context, report.id, 1);
      applier.set_horizon(Stamp{100});
      const auto removed = co_await remove_extras(context, join, applier, report, Before());
      CHECK(removed.has_value());
      CHECK_FALSE(report.brake);
      co_return true;
    });
  }
};

}  // namespace

TEST_CASE_FIXTURE(OneExtra, "what the master has not goes") {
  master.script.answer(200, nothing);
  replica.script.answer(200, R"({"data":{"id":"x","last_modified":51,"deleted":true}})");
  remove();
  CHECK(test::sent_to(replica) == test::Names{"DELETE x"});
}

TEST_CASE_FIXTURE(OneExtra, "what the master deleted before the walk goes with its stamp") {
  master.script.answer(200, tombstone_of_x(90)).answer(200, nothing).answer(404);
  replica.script.answer(200, R"({"data":{"id":"x","last_modified":90,"deleted":true}})");
  remove();
  CHECK(test::sent_to(replica) == test::Names{"DELETE x?last_modified=90"});
}

TEST_CASE_FIXTURE(OneExtra,
                  "what the master deleted since the walk began waits for the next poll") {
  master.script.answer(200, tombstone_of_x(110)).answer(200, nothing);
  remove();
  CHECK(test::sent_to(replica).empty());
}

TEST_CASE_FIXTURE(OneExtra, "what came into being on the master since then stays") {
  master.script.answer(200, R"({"data":[{"id":"x","last_modified":110}]})");
  remove();
  CHECK(test::sent_to(replica).empty());
}

}  // namespace kinto_mirror::sync
