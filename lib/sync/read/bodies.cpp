#include "sync/read/bodies.hpp"

#include "sync/read/listing_reader.hpp"
#include "sync/read/look_up.hpp"

#include <unordered_map>
#include <unordered_set>

namespace kinto_mirror::sync {

namespace {

using FoundMap = std::unordered_map<std::string, Found>;

bool needs_body(const Write& write) noexcept {
  return write.action == Action::create || write.action == Action::update;
}

// Of the master's listing.
struct Stretch {
  Stamp first;
  Stamp last;
};

ResultTask<FoundMap> read_stretch(const PassContext& context, CollectionId collection,
                                  Stretch stretch, const std::unordered_set<std::string>& wanted) {
  kinto::Listing listing;
  listing.since = Stamp{stretch.first.ms - 1};
  listing.before = Stamp{stretch.last.ms + 1};
  ListingReader reader(context.master, kinto::records_path(collection), std::move(listing),
                       context.background);
  FoundMap found;
  while (true) {
    auto page = co_await reader.next();
    if (!page) co_return page.error();
    if (!*page) co_return found;
    for (const kinto::Entry& entry : (*page)->entries) {
      if (entry.deleted || !wanted.contains(entry.id)) continue;
      Found item;
      item.stamp = entry.stamp;
      item.record = entry.raw;
      found[entry.id] = std::move(item);
    }
  }
}

// The ids that a stretch did not show: they have moved on.
std::vector<std::string> absent(const std::vector<std::string>& ids, const FoundMap& found) {
  std::vector<std::string> out;
  for (const std::string& id : ids) {
    if (!found.contains(id)) out.push_back(id);
  }
  return out;
}

ResultTask<FoundMap> read_bodies(const PassContext& context, CollectionId collection,
                                 std::vector<std::string> ids, Stretch stretch, bool whole) {
  FoundMap found;
  if (whole) {
    const std::unordered_set<std::string> wanted(ids.begin(), ids.end());
    auto read = co_await read_stretch(context, collection, stretch, wanted);
    // Kinto filters by no stamp far ahead of its clock, and others may mind the filter.
    const Errc code = read ? Errc{} : read.error().code;
    if (!read && code != Errc::rejected && code != Errc::turned_away) co_return read.error();
    if (read) found = std::move(*read);
    ids = absent(ids, found);
  }
  if (ids.empty()) co_return found;
  auto looked =
      co_await look_up(context.master, std::move(collection), std::move(ids), With::bodies);
  if (!looked) co_return looked.error();
  found.merge(*looked);
  co_return found;
}

}  // namespace

Write to_write(Difference difference) {
  Write write;
  write.action = plan(difference.change, difference.replica);
  write.replica = difference.replica;
  write.placed = difference.change.stamp;
  write.change = std::move(difference.change);
  write.record = std::move(difference.record);
  return write;
}

std::int64_t rows_between(const std::vector<Difference>& differences) noexcept {
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (const Difference& difference : differences) {
    if (difference.ordinal == 0) continue;
    if (first == 0) first = difference.ordinal;
    last = difference.ordinal;
  }
  return last - first + 1;
}

bool dense(const std::vector<Write>& wanted, std::int64_t rows) noexcept {
  constexpr std::size_t one_address = 80;  // about so many ids are one request anyway
  return wanted.size() > one_address && static_cast<std::int64_t>(wanted.size()) * 2 >= rows;
}

ResultTask<void> ask_for_not_held(const PassContext& context, CollectionId collection,
                                  std::vector<Difference>& differences) {
  std::vector<std::string> ids;
  for (const Difference& difference : differences) {
    if (difference.replica == not_held) ids.push_back(difference.change.id);
  }
  if (ids.empty()) co_return success();
  auto found = co_await look_up(context.replica, std::move(collection), std::move(ids),
                                With::stamps, Word::of_now);
  if (!found) co_return found.error();
  for (Difference& difference : differences) {
    if (difference.replica != not_held) continue;
    difference.replica.reset();
    const auto item = found->find(difference.change.id);
    if (item != found->end())
      difference.replica = Known{item->second.stamp, item->second.tombstone};
  }
  co_return success();
}

ResultTask<void> read_both_bodies(const PassContext& context, CollectionId collection,
                                  std::vector<Difference>& differences) {
  const auto is_without = [](const Difference& one) {
    return one.spelled_otherwise && one.of_replica.empty();
  };
  std::vector<std::string> ids;
  for (const Difference& one : differences) {
    if (is_without(one)) ids.push_back(one.change.id);
  }
  if (ids.empty()) co_return success();
  auto of_master = co_await look_up(context.master, collection, ids, With::bodies);
  if (!of_master) co_return of_master.error();
  auto of_replica =
      co_await look_up(context.replica, std::move(collection), std::move(ids), With::bodies);
  if (!of_replica) co_return of_replica.error();
  const auto take = [](std::unordered_map<std::string, Found>& found, const Difference& one) {
    const auto item = found.find(one.change.id);
    const bool stands = item != found.end() && item->second.stamp == one.change.stamp;
    return stands ? std::move(item->second.record) : std::string();
  };
  for (Difference& one : differences) {
    if (!is_without(one)) continue;
    one.record = take(*of_master, one);
    one.of_replica = take(*of_replica, one);
  }
  co_return success();
}

ResultTask<Complete> with_bodies(const PassContext& context, CollectionId collection,
                                 std::vector<Write> writes, std::int64_t rows, Stamp horizon) {
  Complete out;
  std::vector<std::string> ids;
  Stretch stretch;
  for (const Write& write : writes) {
    if (!needs_body(write) || !write.record.empty()) continue;
    if (ids.empty()) stretch.first = write.change.stamp;
    stretch.last = write.change.stamp;
    ids.push_back(write.change.id);
  }
  if (ids.empty()) {
    out.writes = std::move(writes);
    co_return out;
  }
  const bool whole = dense(writes, rows);
  auto found = co_await read_bodies(context, collection, std::move(ids), stretch, whole);
  if (!found) co_return found.error();
  for (Write& write : writes) {
    if (needs_body(write) && write.record.empty()) {
      const auto item = found->find(write.change.id);
      const bool there = item != found->end();
      if (!there || item->second.tombstone || item->second.stamp != write.change.stamp) {
        const bool newer = there && item->second.stamp > horizon;
        if (newer) {
          ++out.newer;
        } else {
          out.open.push_back(write.change.id);
        }
        continue;
      }
      write.record = std::move(item->second.record);
    }
    out.writes.push_back(std::move(write));
  }
  co_return out;
}

}  // namespace kinto_mirror::sync
