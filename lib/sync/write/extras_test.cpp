// What becomes of a record that only the replica has, once the master was asked for it again.
#include "sync/write/extras.hpp"

#include "sync/decide/test_walk.hpp"
#include "sync/test_pair.hpp"
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <optional>
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
  OneExtra() { replica.script.counts(2, 100); }

  // `proven`: the master's list was held against its count.
  Result<ExtrasLeft> try_to(bool proven) {
    using Left = Result<ExtrasLeft>;
    auto out =
        run<std::optional<Left>>([proven](const PassContext& context) -> Task<std::optional<Left>> {
          MergeJoin join(100);
          const std::vector<test::Listed> of_master = {test::live("a", 10)};
          test::walk(join, of_master, {test::live("a", 10), test::live("x", 50)});
          CollectionReport report;
          report.id = CollectionId("b", "c");
          Applier applier(context, report.id, 1);
          applier.set_horizon(Stamp{100});
          LeaveToDelete leave;
          leave.all = true;
          const Before before;
          std::optional<Left> left =
              co_await remove_extras(context, join, applier, report, before, leave, proven);
          CHECK_FALSE(report.brake);
          co_return left;
        });
    return std::move(*out);
  }
  ExtrasLeft remove() {
    const auto left = try_to(true);
    REQUIRE(left.has_value());
    return *left;
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
  CHECK(left.open == 0);
}

TEST_CASE_FIXTURE(OneExtra, "what the master deleted before the walk goes with its stamp") {
  master.script.answer(200, tombstone_of_x(90)).answer(200, nothing).shows_all();
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
  CHECK(remove().open == 1);
  CHECK(written().empty());
}

TEST_CASE_FIXTURE(OneExtra, "without a proof of the list, the master's count of the id decides") {
  SUBCASE("it has none") {
    master.script.answer(200, nothing).sees(0, 100);
    replica.script.answer(200, R"({"data":{"id":"x","last_modified":101,"deleted":true}})");
    CHECK(try_to(false).has_value());
    CHECK(written() == test::Names{"DELETE x?last_modified=101"});
  }
  SUBCASE("it has one, which the list left out") {
    master.script.answer(200, nothing).sees(1, 100);
    const auto left = try_to(false);
    REQUIRE(left.has_error());
    CHECK(left.error().code == Errc::unproven);
    CHECK(left.error().message.find("short: 0 records were listed, and the server counts 1") !=
          std::string::npos);
    CHECK(written().empty());
  }
}

TEST_CASE_FIXTURE(OneExtra, "an answer that was stored on its way is no leave to delete") {
  master.script.answer(200, nothing, {{"Age", "9"}});
  const auto left = try_to(true);
  REQUIRE(left.has_error());
  CHECK(left.error().code == Errc::unproven);
  CHECK(written().empty());
}

}  // namespace kinto_mirror::sync
