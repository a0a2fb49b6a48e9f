#include "sync/read/discover.hpp"

#include "base/future.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using Skipped = std::map<std::string, Error>;  // by bucket: why

void take(Discovered& found, const Scope& scope, CollectionId id) {
  std::vector<CollectionId>& out = scope.contains(id) ? found.ids : found.others;
  out.push_back(std::move(id));
}

// Each once, in order.
void put_in_order(std::vector<CollectionId>& ids) {
  std::ranges::sort(ids);
  // Not std::ranges::unique, which clang 14 cannot compile with this libstdc++.
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// Lists that are asked for at a time.
constexpr std::size_t at_once = 8;

ResultTask<Discovered> look(kinto::Server& server, TaskGroup& background, const Scope& scope,
                            Skipped& skipped) {
  Discovered found;
  for (CollectionId& id : scope.named()) take(found, scope, std::move(id));
  const std::vector<std::string> spelled = scope.named_buckets();
  std::vector<std::string> buckets = spelled;
  if (scope.needs_bucket_list()) {
    auto listed = co_await server.buckets();
    if (!listed) co_return listed.error();
    found.stored = std::move(listed->stored);
    for (std::string& bucket : listed->ids) {
      if (scope.may_hold(bucket)) buckets.push_back(std::move(bucket));
    }
  }
  auto lists = co_await each_of<Result<kinto::Names>>(
      background, buckets.size(), at_once,
      [&server, &buckets](std::size_t i) { return server.collections(buckets[i]); });
  std::optional<Error> hidden;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const std::string& bucket = buckets[i];
    Result<kinto::Names>& collections = lists[i];
    if (!collections) {
      const Errc code = collections.error().code;
      if (code == Errc::turned_away || code == Errc::not_kinto) {
        found.unread.insert(bucket);
        found.refused = collections.error();
        continue;
      }
      if (!is_hidden(code)) co_return collections.error();
      hidden = collections.error();
      found.hidden.insert(bucket);
      // A bucket that was spelled out is missed: visiting it tells why.
      if (std::ranges::find(spelled, bucket) != spelled.end()) {
        found.ids.emplace_back(bucket, "*");
      } else {
        skipped.try_emplace(bucket, collections.error());
      }
      continue;
    }
    found.listed.insert(bucket);
    if (found.stored.empty()) found.stored = std::move(collections->stored);
    for (std::string& name : collections->ids) {
      CollectionId id(bucket, std::move(name));
      if (scope.matches(id)) take(found, scope, std::move(id));
    }
  }
  // Nothing to be seen because of a right that is missing is no empty scope.
  const bool none = found.ids.empty() && found.others.empty();
  if (none && hidden && !found.refused) found.refused = std::move(hidden);
  put_in_order(found.ids);
  put_in_order(found.others);
  co_return found;
}

// A bucket that is missed or skipped, whose own line tells why.
bool may_match_hidden(const Scope& pattern, const Discovered& found, const Skipped& skipped) {
  const std::vector<std::string> spelled = pattern.named_buckets();
  return std::ranges::any_of(skipped,
                             [&](const auto& one) { return pattern.may_hold(one.first); }) ||
         std::ranges::any_of(spelled, [&found](const std::string& bucket) {
           return std::ranges::binary_search(found.ids, CollectionId(bucket, "*"));
         });
}

// Of each pattern once, when the first list was had: what goes later is told by its own name. Where
// nothing at all is in scope, that is told instead, and a list that is old, or was refused, proves
// nothing.
void tell_unmatched(const PassContext& context, const Discovered& found, const Skipped& skipped,
                    std::set<std::string>& patterns_told) {
  const bool none = found.ids.empty() && found.others.empty();
  if (none || !found.stored.empty() || found.refused) return;
  const bool some_out = std::ranges::any_of(context.options.collections, takes_out_of_scope);
  for (const std::string& pattern : context.options.collections) {
    if (takes_out_of_scope(pattern)) continue;  // nothing to take out is no news
    if (!patterns_told.insert(pattern).second) continue;
    const Scope alone({pattern});
    const auto matched = [&alone](const CollectionId& id) { return alone.contains(id); };
    const bool matches =
        std::ranges::any_of(found.ids, matched) || std::ranges::any_of(found.others, matched);
    if (matches || may_match_hidden(alone, found, skipped)) continue;
    context.observer.notice(context.replica.config().name, CollectionId(),
                            "the pattern \"" + pattern +
                                "\" of --collections matches no collection that the master shows: "
                                "it is misspelt, or there is none yet, or the master's user may "
                                "not read it" +
                                (some_out ? ", or a pattern with ! takes out all of it" : "") +
                                "; the other patterns count");
  }
}

}  // namespace

void Discovered::add(const std::vector<CollectionId>& more) {
  ids.insert(ids.end(), more.begin(), more.end());
  put_in_order(ids);
}

ResultTask<Discovered> discover(kinto::Server& server, TaskGroup& background, const Scope& scope) {
  Skipped skipped;
  co_return co_await look(server, background, scope, skipped);
}

ResultTask<Discovered> discover(const PassContext& context, const Scope& scope, ToldOfScope& told) {
  Skipped skipped;
  auto found = co_await look(context.master, context.background, scope, skipped);
  if (!found) co_return found.error();
  tell_unmatched(context, *found, skipped, told.patterns);
  // What may be seen now is told again when it is hidden again.
  std::erase_if(told.buckets,
                [&skipped](const std::string& bucket) { return !skipped.contains(bucket); });
  for (const auto& [bucket, error] : skipped) {
    if (!told.buckets.insert(bucket).second) continue;
    context.observer.notice(context.replica.config().name, CollectionId(bucket, "*"),
                            "is not copied, since the master's user may not list the collections "
                            "of this bucket; it needs the right to read the bucket (" +
                                error.message + ")");
  }
  co_return found;
}

void tell_nothing_in_scope(const PassContext& context, const Discovered& found) {
  const std::string& name = context.replica.config().name;
  if (!found.others.empty()) {
    context.observer.notice(name, CollectionId(),
                            "shard " + context.options.shard.str() + " has no collection: the " +
                                std::to_string(found.others.size()) +
                                " in scope are of the other shards; nothing need be done");
    return;
  }
  context.observer.notice(name, CollectionId(),
                          "no collection that the master shows is in scope: it has none of that "
                          "name, or its user may read none (where Kinto keeps no accounts, a "
                          "wrong password is another user)");
}

}  // namespace kinto_mirror::sync
