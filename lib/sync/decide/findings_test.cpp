#include "sync/decide/findings.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using Texts = std::vector<std::string>;

struct Bench {
  Texts told;
  Findings findings;

  explicit Bench(std::size_t max_held = 10, Texts refused = {})
      : findings(
            [this](std::string_view id, Finding finding) {
              told.push_back(std::string(id) + " " + std::string(to_string(finding)));
            },
            max_held, refused) {}
};

Difference difference(std::string id, bool on_replica, bool tombstone = false) {
  Difference out;
  out.change = Change{std::move(id), Stamp{5}, tombstone};
  if (on_replica) out.replica = Known{Stamp{3}, false};
  return out;
}

Row row(std::string_view id, std::int64_t stamp) {
  Row out;
  out.id = id;
  out.stamp = Stamp{stamp};
  return out;
}

}  // namespace

TEST_CASE("each kind of difference has its name, and extras come last") {
  Bench bench;
  MergeJoin join(10);
  join.replica(row("y", 1));
  join.replica(row("x", 2));
  join.finish();
  bench.findings.same("a");
  bench.findings.add(difference("b", true), false);
  bench.findings.add(difference("c", true, true), false);
  bench.findings.add(difference("d", false), true);
  bench.findings.end(join);
  CHECK(bench.told ==
        Texts{"a same", "b differs", "c undeleted", "d missing", "x extra", "y extra"});
}

TEST_CASE("what seems missing is told when the replica's list has ended") {
  Bench bench;
  bench.findings.add(difference("newer", false), false);
  bench.findings.add(difference("gone", false), false);
  CHECK(bench.told.empty());
  bench.findings.found_later("newer");
  bench.findings.end(MergeJoin(10));
  CHECK(bench.told == Texts{"gone missing", "newer differs"});
}

TEST_CASE("what was met further on before its difference was told differs") {
  Bench bench;
  bench.findings.found_later("newer");
  bench.findings.add(difference("newer", false), true);
  CHECK(bench.told == Texts{"newer differs"});
}

TEST_CASE("no more are held than there is room for") {
  Bench bench(1);
  bench.findings.add(difference("a", false), false);
  bench.findings.add(difference("b", false), false);
  CHECK(bench.told == Texts{"b missing"});
}

TEST_CASE("what is known to be refused is told so, unless it is the same or only here") {
  Bench bench(10, {"a", "b", "c"});
  bench.findings.add(difference("a", true), true);
  bench.findings.add(difference("b", false), true);
  bench.findings.same("c");
  bench.findings.end(MergeJoin(10));
  CHECK(bench.told == Texts{"a quarantined", "b quarantined", "c same"});
}

}  // namespace kinto_mirror::sync
