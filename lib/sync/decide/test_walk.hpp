#pragma once
// Walks two listings as an audit does, for the tests of the merge-join.

#include "sync/decide/merge_join.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

struct Listed {
  std::string id;
  std::int64_t stamp = 0;
  bool tombstone = false;
};

inline Listed live(std::string id, std::int64_t stamp) {
  return {std::move(id), stamp, false};
}
inline Listed tombstone(std::string id, std::int64_t stamp) {
  return {std::move(id), stamp, true};
}

inline Row row_of(const Listed& listed) {
  Row row;
  row.id = listed.id;
  row.stamp = Stamp{listed.stamp};
  row.tombstone = listed.tombstone;
  return row;
}

// Both in ascending order; of equal stamps the master's come first.
inline void walk(MergeJoin& join, const std::vector<Listed>& master,
                 const std::vector<Listed>& replica) {
  std::size_t m = 0;
  std::size_t r = 0;
  while (m < master.size() || r < replica.size()) {
    if (r == replica.size()) join.replica_ended();
    if (m < master.size() && (r == replica.size() || master[m].stamp <= replica[r].stamp)) {
      join.master(row_of(master[m++]));
    } else {
      join.replica(row_of(replica[r++]));
    }
  }
  join.finish();
}

// "+a@5" missing, "~a@5(3)" older on the replica, "-a@5(3)" deleted and alive there; "!" behind it
// where the stamp is taken. @0: the stamp of the tombstone was not kept.
inline std::string text_of(const Difference& difference) {
  const Change& change = difference.change;
  std::string text = change.tombstone ? "-" : difference.replica ? "~" : "+";
  text += change.id + "@" + std::to_string(change.stamp.ms);
  if (difference.replica) text += "(" + std::to_string(difference.replica->stamp.ms) + ")";
  if (difference.stamp_taken) text += "!";
  return text;
}

inline std::vector<std::string> texts_of(const std::vector<Difference>& differences) {
  std::vector<std::string> out;
  out.reserve(differences.size());
  for (const Difference& difference : differences) out.push_back(text_of(difference));
  return out;
}

}  // namespace kinto_mirror::sync::test
