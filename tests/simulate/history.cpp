#include "history.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

void History::look(const CollectionId& collection, const model::Shelf* shelf, Instant when) {
  static const model::Shelf nothing;
  const model::Shelf& now = shelf == nullptr ? nothing : *shelf;
  Kept& kept = collections_[collection];
  if (kept.revision == now.revision) return;
  kept.revision = now.revision;
  for (auto& [id, versions] : kept.versions) {
    if (now.objects.contains(id) || versions.back().gone) continue;
    versions.push_back({versions.back().stamp, false, true, 0, when});
    kept.changed = when;
  }
  bool empty = true;
  // The first records of a collection, or of one that was made anew, may come with stamps of before
  // the ETag that it had while it was empty, which is no record's.
  const model::Epoch begun = now.timestamp.value_or(0);
  const bool explained = std::ranges::any_of(
      now.objects, [begun](const auto& item) { return item.second.stamp == begun; });
  if (!explained) kept.newest = std::max(kept.newest, begun);
  const model::Epoch newest = kept.newest;
  for (const auto& [id, object] : now.objects) {
    empty = empty && object.deleted;
    std::vector<Version>& versions = kept.versions[id];
    if (!versions.empty() && !versions.back().gone && versions.back().stamp == object.stamp &&
        versions.back().deleted == object.deleted && versions.back().body == hash_of(object)) {
      continue;
    }
    versions.push_back({object.stamp, object.deleted, false, hash_of(object), when});
    kept.changed = when;
    if (object.stamp < newest) kept.late.insert(id);
    kept.newest = std::max(kept.newest, object.stamp);
  }
  kept.newest = std::max(kept.newest, now.timestamp.value_or(0));
  if (!empty) {
    kept.empty_since.reset();
  } else if (!kept.empty_since) {
    kept.empty_since = when;
  }
}

bool History::had(const CollectionId& collection, const std::string& id, model::Epoch stamp) const {
  const auto* const all = versions(collection, id);
  return all != nullptr && std::ranges::any_of(*all, [stamp](const Version& version) {
           return !version.gone && version.stamp == stamp;
         });
}

std::optional<Instant> History::first_had(const CollectionId& collection, const std::string& id,
                                          model::Epoch stamp) const {
  const auto* const all = versions(collection, id);
  if (all == nullptr) return std::nullopt;
  const auto first = std::ranges::find_if(*all, [stamp](const Version& version) {
    return !version.gone && !version.deleted && version.stamp == stamp;
  });
  return first == all->end() ? std::nullopt : std::optional(first->since);
}

bool History::may_be_placed(const CollectionId& collection, const std::string& id,
                            model::Epoch stamp, const boost::json::object& body) const {
  constexpr model::Epoch beside = 100;
  const auto* const all = versions(collection, id);
  return all != nullptr && std::ranges::any_of(*all, [&](const Version& version) {
           return version.stamp < stamp && (ahead_ || version.stamp > stamp - beside) &&
                  version.body == hash_of(body);
         });
}

bool History::is_ambiguous(const CollectionId& collection, const std::string& id,
                           model::Epoch stamp) const {
  const auto kept = collections_.find(collection);
  if (kept != collections_.end() && kept->second.foreign.contains({id, stamp})) return true;
  const auto* const all = versions(collection, id);
  if (all == nullptr) return false;
  std::set<std::size_t> bodies;
  for (const Version& version : *all) {
    if (version.stamp == stamp && !version.deleted && !version.gone) bodies.insert(version.body);
  }
  return bodies.size() > 1;
}

const std::vector<Version>* History::versions(const CollectionId& collection,
                                              const std::string& id) const {
  const auto kept = collections_.find(collection);
  if (kept == collections_.end()) return nullptr;
  const auto found = kept->second.versions.find(id);
  return found == kept->second.versions.end() ? nullptr : &found->second;
}

std::int64_t History::changes() const noexcept {
  std::int64_t out = 0;
  for (const auto& [collection, kept] : collections_) {
    for (const auto& [id, versions] : kept.versions) out += std::ssize(versions);
  }
  return out;
}

bool History::was_deleted(const CollectionId& collection, const std::string& id,
                          Instant since) const {
  const auto* const all = versions(collection, id);
  if (all == nullptr) return false;
  for (std::size_t i = 0; i < all->size(); ++i) {
    const bool over = i + 1 < all->size() && (*all)[i + 1].since < since;
    if (!over && (*all)[i].deleted) return true;
  }
  return false;
}

bool History::was_absent(const CollectionId& collection, const std::string& id,
                         Instant since) const {
  const auto* const all = versions(collection, id);
  if (all == nullptr || all->front().since >= since) return true;
  for (std::size_t i = 0; i < all->size(); ++i) {
    const bool over = i + 1 < all->size() && (*all)[i + 1].since < since;
    if (!over && ((*all)[i].deleted || (*all)[i].gone)) return true;
  }
  return false;
}

std::optional<Instant> History::empty_since(const CollectionId& collection) const {
  const auto kept = collections_.find(collection);
  return kept == collections_.end() ? std::nullopt : kept->second.empty_since;
}

Instant History::changed(const CollectionId& collection) const {
  const auto kept = collections_.find(collection);
  return kept == collections_.end() ? Instant{} : kept->second.changed;
}

Instant History::changed(const CollectionId& collection, const std::string& id) const {
  const auto* const all = versions(collection, id);
  return all == nullptr ? Instant{} : all->back().since;
}

bool History::came_late(const CollectionId& collection, const std::string& id) const {
  const auto kept = collections_.find(collection);
  return kept != collections_.end() && kept->second.late.contains(id);
}

void History::note_foreign(const CollectionId& collection, const std::string& id,
                           model::Epoch stamp) {
  collections_[collection].foreign.insert({id, stamp});
}

bool History::goes_back(const CollectionId& collection, const std::string& id, Held before,
                        Held after, Instant recently) const {
  // Kinto stamps anew what comes with a stamp of before the one that it holds.
  const bool restamped = !after.deleted && !had(collection, id, after.stamp);
  if (!after.deleted && after.body == before.body) return false;  // nothing is lost
  const auto* const all = versions(collection, id);
  if (all == nullptr) return false;
  const auto is = [](const Version& version, Held held, bool any_stamp) {
    return !version.gone && (any_stamp || version.stamp == held.stamp) &&
           version.deleted == held.deleted && (held.deleted || version.body == held.body);
  };
  std::optional<std::size_t> first_before;
  std::optional<std::size_t> last_after;
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (!first_before && is((*all)[i], before, false)) first_before = i;
    if (is((*all)[i], after, restamped)) last_after = i;
  }
  if (!first_before || !last_after || *last_after >= *first_before) return false;
  if ((*all)[*last_after + 1].since >= recently) return false;
  // Where a stamp fell on the master, nobody who compares stamps can tell which was first.
  return (*all)[*last_after].stamp <= before.stamp;
}

}  // namespace kinto_mirror::simulate
