#include "sync/decide/resets.hpp"

#include <algorithm>
#include <string_view>

namespace kinto_mirror::sync {

namespace {

std::string counted_wrong(std::int64_t counted, std::int64_t expected, std::string_view how) {
  return "the master has " + std::to_string(counted) + " records where its changes lead to " +
         std::to_string(expected) + ": " + std::string(how);
}

}  // namespace

std::optional<std::string> broken_chain(const Checkpoint& before, const Polled& polled) {
  if (polled.etag == Stamp{}) return "the master's list came without an ETag";
  if (polled.etag < before.etag) return "the master's ETag went back";
  const bool moved = polled.etag > before.etag;
  if (moved && polled.newest < polled.etag) {
    return "the master's ETag moved, and no change that it lists accounts for it: the collection "
           "was emptied, purged or made anew";
  }
  if (!polled.newest_is_there) {
    return "the newest change of the last look is gone from the master's list: the collection was "
           "emptied, purged or made anew";
  }
  if (!polled.counted) return std::nullopt;
  if (const auto most = before.live + polled.live; *polled.counted > most) {
    return counted_wrong(*polled.counted, most,
                         "records came under stamps that no poll reads, by an import for one");
  }
  if (const auto least = before.live - polled.deleted; *polled.counted < least) {
    return counted_wrong(*polled.counted, least, "records went without a tombstone");
  }
  return std::nullopt;
}

namespace {

// Records of before the last look that the replica has not: who is to blame is told by the count of
// the replica, where that is known.
std::string lacking(const Seen& seen) {
  const std::string lost = std::to_string(seen.lost);
  constexpr std::string_view came = "committed late on the master, or came under past stamps";
  if (!seen.replica_fell) {
    return "the replica lacked " + lost +
           " records of before the last look: it lost them, or they were " + std::string(came);
  }
  if (*seen.replica_fell > 0) {
    return "the replica lost " + std::to_string(std::min(*seen.replica_fell, seen.lost)) +
           " records";
  }
  return "the replica lacked " + lost + " records of before the last look, which were " +
         std::string(came);
}

}  // namespace

std::vector<std::string> resets(const Before& before, const Seen& seen) {
  std::vector<std::string> out;
  if (before.live == 0) return out;
  const std::string had = std::to_string(before.live);
  if (seen.master_live == 0) {
    out.push_back("the master was emptied: it had " + had + " records");
  } else if (before.etag > Stamp{} && seen.survivors == 0 && seen.lost == 0) {
    out.push_back("the master has none of the " + had +
                  " records that it had: it was emptied or replaced");
  }
  if (seen.etag > Stamp{} && seen.etag < before.etag) {
    out.emplace_back("the master went back in time: it was restored from a backup, or replaced");
  }
  if (seen.lost > 0) out.push_back(lacking(seen));
  return out;
}

}  // namespace kinto_mirror::sync
