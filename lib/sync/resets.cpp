#include "sync/resets.hpp"

namespace kinto_mirror::sync {

std::vector<std::string> resets(const Before& before, const Seen& seen) {
  std::vector<std::string> out;
  if (before.live == 0) return out;
  const std::string had = std::to_string(before.live);
  if (seen.master_live == 0) {
    out.push_back("the master was emptied: it had " + had + " records");
  } else if (seen.survivors == 0 && seen.lost == 0) {
    out.push_back("the master has none of the " + had +
                  " records that it had: it was emptied or replaced");
  }
  if (seen.etag > Stamp{} && seen.etag < before.etag) {
    out.emplace_back("the master went back in time: it was restored from a backup, or replaced");
  }
  if (seen.lost > 0) {
    out.push_back("the replica lost " + std::to_string(seen.lost) +
                  " records, unless they were committed late on the master or got a past stamp");
  }
  return out;
}

}  // namespace kinto_mirror::sync
