#pragma once
// The containers of one replica, kept up to date round by round, between two Kintos of the model.

#include "sync/run/tree_keeper.hpp"
#include "sync/tree/test_visit.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

// Beside the bucket b both servers have the bucket a with the collection a/x.
class Keeping : public World {
 public:
  explicit Keeping(const Options& given = without_marks())
      : background_(io_.get_executor()),
        with_(given_options(given)),
        scope_(options.collections, options.shard),
        checkpoints_(store),
        keeper(with_, scope_, checkpoints_) {
    for (Site* const site : {&master, &replica}) {
      site->admin("PUT", "/buckets/a", R"({"permissions":)" + rights() + "}");
      put(*site, "a/collections/x", 1);
    }
    to_replica.set_patience(Millis{0});
    from_master.set_patience(Millis{0});
  }

  // One round; what was compared in it, or nothing: "in-sync =4 +0 ~0 -0".
  std::string round() {
    const auto done = try_round();
    CAPTURE(done.has_error() ? done.error().message : "");
    REQUIRE(done.has_value());
    return told.containers.empty() ? "" : said(told.containers.back());
  }
  Result<void> try_round() {
    told.containers.clear();
    master.seen.clear();
    replica.seen.clear();
    return run_here(round_now());
  }
  // Until nothing is compared any more.
  void settle() {
    int rounds = 0;
    while (!round().empty()) REQUIRE(++rounds < 5);
  }
  // Rounds at the interval for so long; how many compared something.
  int rounds_within(Millis duration) {
    int compared = 0;
    for (const Instant end = time.now() + duration; time.now() < end;) {
      time.pass(options.interval);
      if (!round().empty()) ++compared;
    }
    return compared;
  }
  // Whether the bucket was looked into in the last round, on both sides.
  [[nodiscard]] bool compared(const std::string& bucket) const {
    const std::string list = "GET /v1/buckets/" + bucket + "/collections?";
    CHECK((master.asked(list) > 0 || listed) == (replica.asked(list) > 0 || listed));
    return replica.asked(list) > 0;
  }

  bool listed = false;  // the master's collections were listed in the last round
  std::set<CollectionId> loaded{the_collection, CollectionId("a", "x")};
  MemoryStore store;  // of checkpoints

 private:
  // What the context refers to lies in this object.
  PassContext given_options(const Options& given) {
    options = given;
    return context(background_);
  }

  Result<void> run_here(ResultTask<void> task) {
    std::optional<Result<void>> out;
    std::exception_ptr bug;
    boost::asio::co_spawn(io_, std::move(task),
                          [&](const std::exception_ptr& error, Result<void> result) {
                            bug = error;
                            out = std::move(result);
                          });
    io_.restart();
    io_.run();
    if (bug) std::rethrow_exception(bug);
    REQUIRE(out);
    return std::move(*out);
  }

  ResultTask<void> round_now() {
    std::set<std::string> apart;
    std::vector<std::string> paths = keeper.endpoints();
    auto of_replica = co_await counts(to_replica, paths, apart);
    if (!of_replica) co_return of_replica.error();
    auto of_master = co_await counts(from_master, std::move(paths), apart);
    if (!of_master) co_return of_master.error();
    keeper.take_counts(*of_master, *of_replica);
    listed = keeper.wants_list();
    if (listed) {
      auto found = co_await discover(from_master, background_, scope_);
      if (!found) co_return found.error();
      keeper.listed(*found);
    }
    TreePass::Loaded behind = [this](const CollectionId& id) { return loaded.contains(id); };
    auto read = co_await checkpoints_.read();
    if (!read) co_return read.error();
    auto done = co_await keeper.before_records();
    if (!done) co_return done.error();
    co_return co_await keeper.behind_records(std::move(behind));
  }

  boost::asio::io_context io_;
  TaskGroup background_;
  PassContext with_;
  Scope scope_;
  KnownCheckpoints checkpoints_;

 public:
  TreeKeeper keeper;
};

}  // namespace kinto_mirror::sync::test
