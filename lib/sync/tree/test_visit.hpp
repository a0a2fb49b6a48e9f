#pragma once
// Whole visits to the containers of a replica, for the tests of what drives them.

#include "sync/keep/test_store.hpp"
#include "sync/tree/test_world.hpp"
#include "sync/tree/tree_pass.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace kinto_mirror::sync::test {

// "in-sync =2 +1 ~0 -0; b/collections/c data": what was equal, created, updated, deleted, and what
// is not as it should be.
inline std::string said(const ContainersReport& report) {
  std::string out = std::string(to_string(report.state)) + " =" + std::to_string(report.same) +
                    " +" + std::to_string(report.written.created) + " ~" +
                    std::to_string(report.written.updated) + " -" +
                    std::to_string(report.written.deleted);
  for (const ContainerDifference& one : report.differences) {
    out += "; " + one.id + " " + std::string(to_string(one.kind));
  }
  return out;
}

// The reason that the report gives for `id`.
inline std::string reason_of(const ContainersReport& report, const std::string& id) {
  for (const ContainerDifference& one : report.differences) {
    if (one.id == id) return one.reason;
  }
  return "";
}

struct Visiting : World {
  using World::World;

  // A visit, with `loaded` behind the records.
  std::string visit() { return said(visited()); }

  ContainersReport visited() {
    auto done = try_visit();
    CAPTURE(done.has_error() ? done.error().message : "");
    REQUIRE(done.has_value());
    return *done;
  }

  Result<ContainersReport> try_visit() {
    master.seen.clear();
    replica.seen.clear();
    return run<Result<ContainersReport>>(
        [this](const PassContext& with) { return visit_with(with); });
  }

  // How many requests to write came.
  [[nodiscard]] int writes() const {
    return replica.asked("PUT ") + replica.asked("DELETE ") + replica.asked(R"("method":"PUT")") +
           replica.asked(R"("method":"DELETE")");
  }

  std::set<CollectionId> loaded{the_collection};  // when the records were visited
  MemoryStore store;                              // of checkpoints
  std::optional<std::set<std::string>> only;
  std::function<void()> at_records;  // what happens while they are visited

  // Of the last visit.
  std::set<CollectionId> deleted;
  std::vector<CollectionId> gone;
  std::vector<CollectionId> unlisted;
  std::pair<std::optional<Stamp>, std::optional<Stamp>> stamps;  // of the bucket b
  ContainersReport of_b;

 private:
  ResultTask<ContainersReport> visit_with(const PassContext& with) {
    const Scope scope(options.collections, options.shard);
    auto found = co_await discover(with.master, with.background, scope);
    if (!found) co_return found.error();
    KnownCheckpoints checkpoints(store);
    auto stored = co_await checkpoints.read();
    if (!stored) co_return stored.error();
    TreePass pass(with, scope, checkpoints);
    auto listed = co_await pass.read_buckets();
    if (!listed) co_return listed.error();
    auto some = only;
    auto read = co_await pass.read(*found, std::move(some));
    if (!read) co_return read.error();
    auto done = co_await pass.before_records();
    if (!done) co_return done.error();
    if (at_records) at_records();
    for (const CollectionId& id : loaded) traits.lacked.erase(id);  // as their visits do
    TreePass::Loaded behind = [this](const CollectionId& id) { return loaded.contains(id); };
    auto granted = co_await pass.behind_records(std::move(behind));
    if (!granted) co_return granted.error();
    deleted = pass.deleted();
    unlisted = pass.unlisted();
    gone = pass.gone();
    stamps = pass.stamps("b");
    of_b = pass.report("b");
    co_return pass.report();
  }
};

}  // namespace kinto_mirror::sync::test
