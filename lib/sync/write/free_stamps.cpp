#include "sync/write/free_stamps.hpp"

#include "base/json_equal.hpp"
#include "sync/read/look_up.hpp"
#include "sync/write/containers.hpp"

#include <algorithm>
#include <unordered_set>

namespace kinto_mirror::sync {

namespace {

// A page of the replica's stamps in the order of `listing`. Kinto compares with no stamp below 0 or
// far ahead: there the whole collection is read instead.
ResultTask<kinto::Page> stamps_of(kinto::Server& replica, std::string path,
                                  kinto::Listing& listing) {
  auto page = co_await replica.list(path, listing);
  const bool filtered = listing.since != before_all;
  if (page || page.error().code != Errc::rejected || !filtered) co_return page;
  listing = {};
  listing.since = before_all;
  listing.stamps_only = true;
  co_return co_await replica.list(path, listing);
}

}  // namespace

ResultTask<bool> stands_at_next_free(kinto::Server& replica, CollectionId collection, Stamp wanted,
                                     Stamp actual) {
  constexpr std::int64_t farthest = 10'000;  // one page
  const std::int64_t distance = actual.ms - wanted.ms;
  if (distance <= 0 || distance > farthest) co_return false;
  const std::string path = kinto::records_path(collection);
  kinto::Listing between;
  between.since = Stamp{wanted.ms - 1};
  between.before = actual;
  between.stamps_only = true;
  std::unordered_set<std::int64_t> taken;
  do {
    auto page = co_await stamps_of(replica, path, between);
    if (!page) co_return page.error();
    for (const kinto::Entry& entry : page->entries) {
      if (wanted <= entry.stamp && entry.stamp < actual) taken.insert(entry.stamp.ms);
    }
    between.from = std::move(page->next);
  } while (!between.from.empty());
  co_return static_cast<std::int64_t>(taken.size()) == distance;
}

ResultTask<Stamp> next_free(kinto::Server& replica, CollectionId collection, Stamp from) {
  const std::string path = kinto::records_path(collection);
  kinto::Listing above;
  above.since = Stamp{from.ms - 1};
  above.stamps_only = true;
  above.limit = 50;  // the gap is near, as a rule
  Stamp free = from;
  do {
    auto page = co_await stamps_of(replica, path, above);
    if (!page) co_return page.error();
    for (const kinto::Entry& entry : page->entries) {
      if (entry.stamp < free) continue;
      if (entry.stamp > free) co_return free;
      free = Stamp{entry.stamp.ms + 1};
    }
    above.from = std::move(page->next);
    above.limit = std::min<std::int64_t>(above.limit * 2, 10'000);
  } while (!above.from.empty());
  co_return free;
}

bool same_body(std::string_view one, std::string_view other) {
  return json::same_object(one, other, "last_modified");
}

ResultTask<std::vector<std::string>> drop_meant(const PassContext& context, CollectionId collection,
                                                std::vector<Difference>& differences) {
  std::vector<std::string> ids;
  for (const Difference& difference : differences) {
    if (difference.stamp_taken && !difference.replica) ids.push_back(difference.change.id);
  }
  std::vector<std::string> dropped;
  if (ids.empty()) co_return dropped;
  auto found = co_await look_up(context.replica, collection, ids, With::bodies);
  if (!found) co_return found.error();
  auto wanted = co_await look_up(context.master, collection, std::move(ids), With::bodies);
  if (!wanted) co_return wanted.error();
  std::vector<Difference> rest;
  for (Difference& difference : differences) {
    const auto item = found->find(difference.change.id);
    const auto original = wanted->find(difference.change.id);
    if (item != found->end() && original != wanted->end() &&
        same_body(item->second.record, original->second.record)) {
      const auto meant = co_await stands_at_next_free(context.replica, collection,
                                                      difference.change.stamp, item->second.stamp);
      if (!meant) co_return meant.error();
      if (*meant) {
        dropped.push_back(difference.change.id);
        continue;
      }
    }
    rest.push_back(std::move(difference));
  }
  differences = std::move(rest);
  co_return dropped;
}

namespace {

using kinto::Answer;
using kinto::Subrequest;

// Well below the collection's ETag, to which a memory backend would not let a stamp be equal.
constexpr std::int64_t a_year_in_ms = 365LL * 24 * 3600 * 1000;

ResultTask<Answer> put(kinto::Server& replica, std::string path, Stamp stamp) {
  Subrequest request("PUT", std::move(path));
  request.data = R"({"last_modified":)" + std::to_string(stamp.ms) + "}";
  request.guard = Subrequest::Guard::if_absent;
  return replica.send_alone(std::move(request));
}

std::optional<bool> conclude(const Result<Answer>& first, const Result<Answer>& second,
                             Stamp stamp) {
  if (!first || !second || first->status != 201) return std::nullopt;
  if (second->status == 409) return true;
  if (second->status == 201 && second->stamp == stamp) return false;
  return std::nullopt;
}

}  // namespace

Task<std::optional<bool>> holds_stamps_once(const PassContext& context) {
  if (context.traits.holds_stamps_once) co_return context.traits.holds_stamps_once;
  const CollectionId place = own_collection();
  auto made = co_await ensure_own_collection(context.replica, place);
  if (!made) co_return std::nullopt;
  const std::int64_t now = context.clock.wall().ms;
  const Stamp stamp{now - a_year_in_ms};
  const std::string name = "stamp-trial-" + std::to_string(now) + "-";
  const std::string one = kinto::record_path(place, name + "1");
  const std::string other = kinto::record_path(place, name + "2");
  const auto first = co_await put(context.replica, one, stamp);
  const auto second = co_await put(context.replica, other, stamp);
  for (const std::string& path : {one, other}) {
    Subrequest erase("DELETE", path);
    [[maybe_unused]] const auto gone = co_await context.replica.send_alone(std::move(erase));
  }
  const auto once = conclude(first, second, stamp);
  if (once) context.traits.holds_stamps_once = once;
  co_return once;
}

}  // namespace kinto_mirror::sync
