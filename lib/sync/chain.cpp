#include "sync/chain.hpp"

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

}  // namespace kinto_mirror::sync
