#include "daemon/status/summary.hpp"

#include "daemon/durations.hpp"
#include "daemon/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

using sync::State;

// Of all loads and audits that are under way; they end when the longest of them does.
std::string walks_text(const ReplicaStatus& replica) {
  std::size_t walks = 0;
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::optional<Millis> left;
  bool all_told = true;
  for (const CollectionStatus& one : replica.collections) {
    if (!one.progress) continue;
    ++walks;
    done += one.progress->done;
    total += one.progress->total;
    all_told = all_told && one.progress->left;
    if (one.progress->left) left = std::max(left.value_or(Millis{0}), *one.progress->left);
  }
  if (walks == 0) return "";
  const std::int64_t percent = total > 0 ? 100 * done / total : 0;
  std::string text = fmt::format(", {} under way: {}% of {} records", walks, percent, total);
  if (left && all_told) {
    text += ", " + format_duration(std::chrono::ceil<std::chrono::seconds>(*left)) + " left";
  }
  return text;
}

}  // namespace

std::string summary(const Snapshot& snapshot) {
  std::string text;
  for (const ReplicaStatus& replica : snapshot.replicas) {
    if (!text.empty()) text += "; ";
    text += replica.server.name + ": " + std::string(to_string(replica.state));
    if (replica.error) {
      text += ": " + std::string(without_name(replica.error->message, replica.server.name));
      continue;
    }
    text += ", " + std::to_string(replica.collections.size()) + " collections";
    if (replica.in_sync) text += ", in sync";
    const sync::State containers = replica.containers.state;
    if (containers != State::in_sync && containers != State::waiting) {
      text += ", containers " + std::string(sync::to_string(containers));
    }
    text += walks_text(replica);
    if (replica.lag > Millis{0}) {
      text += ", lag " + std::to_string(replica.lag.count() / 1000) + " s";
    }
  }
  return text;
}

}  // namespace kinto_mirror::daemon
