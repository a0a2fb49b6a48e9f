#include "coverage.hpp"

#include "sync/decide/write.hpp"

#include <array>
#include <atomic>
#include <string_view>

namespace kinto_mirror {

namespace sync {

// The engine's own, under the name that its copy has here.
Outcome classify_unseen(const Write& write, const std::vector<kinto::Answer>& answers);

}  // namespace sync

namespace simulate {

namespace {

using sync::Verdict;

// (Kinto says what it has stored or deleted, and a page that does not is none of its answers.)
constexpr std::array<std::string_view, 21> names{"PUT 2xx: applied",
                                                 "PUT 2xx, another stamp: replan",
                                                 "PUT 412, the same: already",
                                                 "PUT 412, something else: replan",
                                                 "PUT 401 or 403: no right",
                                                 "PUT 404: no container",
                                                 "PUT 405: read-only",
                                                 "PUT 409: clash",
                                                 "PUT 408, 429 or 5xx: failing",
                                                 "PUT another 4xx: refused",
                                                 "DELETE 200: applied",
                                                 "DELETE 412: replan",
                                                 "DELETE 401, 403 or 405: the pass ends",
                                                 "DELETE 404: already",
                                                 "DELETE 409: clash",
                                                 "DELETE 408, 429 or 5xx: failing",
                                                 "DELETE another 4xx: refused",
                                                 "DELETE and PUT: the PUT decides",
                                                 "DELETE and PUT: the DELETE decides",
                                                 "PUT refused in front: turned away",
                                                 "DELETE refused in front: turned away"};
constexpr std::size_t both_put = 17;
constexpr std::size_t both_delete = 18;

std::array<std::atomic<std::int64_t>, names.size()> taken;

std::size_t branch_of(bool put, int status, Verdict verdict) {
  switch (verdict) {
    case Verdict::applied:
      return put ? 0 : 10;
    case Verdict::already:
      return put ? 2 : 13;
    case Verdict::replan:
      return !put ? 11 : status < 300 ? 1 : 3;
    case Verdict::turned_away:
      return put ? 19 : 20;
    case Verdict::no_right:
      return put ? 4 : 12;
    case Verdict::no_container:
      return 5;
    case Verdict::read_only:
      return put ? 6 : 12;
    case Verdict::clash:
      return put ? 7 : 14;
    case Verdict::failing:
      return put ? 8 : 15;
    case Verdict::refused:
      return put ? 9 : 16;
  }
  return 0;
}

}  // namespace

std::vector<Branch> classifier_branches() {
  std::vector<Branch> out;
  for (std::size_t i = 0; i < names.size(); ++i) out.push_back({std::string(names[i]), taken[i]});
  return out;
}

}  // namespace simulate

namespace sync {

Outcome classify(const Write& write, const std::vector<kinto::Answer>& answers) {
  using namespace simulate;
  Outcome outcome = classify_unseen(write, answers);
  bool put = write.action != Action::remove;
  if (write.action == Action::recreate) {
    put = outcome.status == answers.back().status && outcome.verdict != Verdict::replan;
    put = put || (outcome.status == answers.back().status && answers.front().status == 200);
    ++taken[put ? both_put : both_delete];
  }
  ++taken[branch_of(put, outcome.status, outcome.verdict)];
  return outcome;
}

}  // namespace sync

}  // namespace kinto_mirror
