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

http::Headers counted(const std::string& etag) {
  return {{"Total-Objects", "2"}, {"ETag", "\"" + etag + "\""}};
}

// The master's walk began at the ETag 100; the replica has x besides, at 50.
struct OneExtra : test::Pair {
  OneExtra() { replica.script.answer(200, "", counted("100")); }

  ExtrasLeft remove() {
    return run<ExtrasLeft>([](const PassContext& context) -> Task<ExtrasLeft> {
      MergeJoin join(100);
      const std::vector<test::Listed> of_master = {test::live("a", 10)};
      test::walk(join, of_master, {test::live("a", 10), test::live("x", 50)});
      CollectionReport report;
      report.id = CollectionId("b", "c");
      Applier applier(context, report.id, 1);
      applier.set_horizon(Stamp{100});
      const auto left = co_await remove_extras(context, join, applier, report, Before());
      CHECK(left.has_value());
      CHECK_FALSE(report.brake);
      co_return left ? *left : ExtrasLeft();
    });
  }

  // After the count.
  [[nodiscard]] test::Names written() const {
    test::Names sent = test::sent_to(replica);
    sent.erase(sent.begin());
    return sent;
  }
};

}  // namespace

TEST_CASE_FIXTURE(OneExtra, "what the master has not goes, with the least stamp that is new") {
  master.script.answer(200, nothing);
  replica.script.answer(200, R"({"data":{"id":"x","last_modified":101,"deleted":true}})");
  const ExtrasLeft left = remove();
  CHECK(written() == test::Names{"DELETE x?last_modified=101"});
  CHECK(left.newer == 0);
  CHECK_FALSE(left.open);
}

TEST_CASE_FIXTURE(OneExtra, "what the master deleted before the walk goes with its stamp") {
  master.script.answer(200, tombstone_of_x(90)).answer(200, nothing).answer(404);
  replica.script.answer(200, R"({"data":{"id":"x","last_modified":90,"deleted":true}})");
  remove();
  CHECK(written() == test::Names{"DELETE x?last_modified=90"});
}

TEST_CASE_FIXTURE(OneExtra,
                  "what the master deleted since the walk began waits for the next poll") {
  master.script.answer(200, tombstone_of_x(110)).answer(200, nothing);
  CHECK(remove().newer == 1);
  CHECK(written().empty());
}

TEST_CASE_FIXTURE(OneExtra, "what came into being on the master since then waits, too") {
  master.script.answer(200, R"({"data":[{"id":"x","last_modified":110}]})");
  CHECK(remove().newer == 1);
  CHECK(written().empty());
}

TEST_CASE_FIXTURE(OneExtra,
                  "what the master has after all, at a past stamp, leaves the pass open") {
  master.script.answer(200, R"({"data":[{"id":"x","last_modified":40}]})");
  CHECK(remove().open);
  CHECK(written().empty());
}

}  // namespace kinto_mirror::sync
