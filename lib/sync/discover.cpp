#include "sync/discover.hpp"

#include <algorithm>
#include <optional>

namespace kinto_mirror::sync {

ResultTask<std::vector<CollectionId>> discover(kinto::Server& server, const Scope& scope) {
  std::vector<CollectionId> out = scope.named();
  const std::vector<std::string> spelled = scope.named_buckets();
  std::vector<std::string> buckets = spelled;
  if (scope.needs_bucket_list()) {
    auto listed = co_await server.buckets();
    if (!listed) co_return listed.error();
    for (std::string& bucket : *listed) {
      if (scope.may_hold(bucket)) buckets.push_back(std::move(bucket));
    }
  }
  std::optional<Error> hidden;
  for (const std::string& bucket : buckets) {
    auto collections = co_await server.collections(bucket);
    if (!collections) {
      if (!is_hidden(collections.error().code)) co_return collections.error();
      hidden = collections.error();
      // A bucket that was spelled out is missed: visiting it tells why.
      if (std::ranges::find(spelled, bucket) != spelled.end()) out.emplace_back(bucket, "*");
      continue;
    }
    for (std::string& name : *collections) {
      CollectionId id(bucket, std::move(name));
      if (scope.contains(id)) out.push_back(std::move(id));
    }
  }
  // Nothing to be seen because of a right that is missing is no empty scope.
  if (out.empty() && hidden) co_return *hidden;
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  co_return out;
}

}  // namespace kinto_mirror::sync
