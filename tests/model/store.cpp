#include "model/store.hpp"

#include <algorithm>

namespace kinto_mirror::model {

namespace {

template <typename Map, typename Key, typename Value>
void swap_slot(Map& map, const Key& key, std::optional<Value>& value) {
  const auto found = map.find(key);
  if (found == map.end()) {
    if (value) map.emplace(key, std::move(*value));
    value.reset();
  } else if (value) {
    std::swap(found->second, *value);
  } else {
    value = std::move(found->second);
    map.erase(found);
  }
}

}  // namespace

const Shelf* Store::shelf(const Place& place) const {
  const auto found = shelves_.find(place);
  return found == shelves_.end() ? nullptr : &found->second;
}

const Object* Store::object(const Place& place, const std::string& id) const {
  const Shelf* const on = shelf(place);
  if (on == nullptr) return nullptr;
  const auto found = on->objects.find(id);
  return found == on->objects.end() ? nullptr : &found->second;
}

const Object* Store::live(const Place& place, const std::string& id) const {
  const Object* const found = object(place, id);
  return found == nullptr || found->deleted ? nullptr : found;
}

void Store::change(Change change) {
  ++version_;
  std::visit([this](auto& one) { exchange(one); }, change);
  journal_.push_back(std::move(change));
}

std::vector<Change> Store::take_back() {
  if (!journal_.empty()) ++version_;
  for (auto change = journal_.rbegin(); change != journal_.rend(); ++change) {
    std::visit([this](auto& one) { exchange(one); }, *change);
  }
  return std::exchange(journal_, {});
}

void Store::clear() {
  shelves_.clear();
  permissions_.clear();
  groups_.clear();
  journal_.clear();
  ++revision_;
  ++version_;
}

void Store::restore(const Store& backup) {
  const std::uint64_t last = revision_;
  const std::uint64_t last_version = version_;
  *this = backup;
  revision_ = std::max(revision_, last) + 1;
  version_ = std::max(version_, last_version) + 1;
  for (auto& [place, shelf] : shelves_) shelf.revision = ++revision_;
}

void Store::exchange(ObjectChange& change) {
  Shelf& shelf = shelves_[change.place];
  shelf.revision = ++revision_;
  if (const auto old = shelf.objects.find(change.id); old != shelf.objects.end()) {
    shelf.by_stamp.erase({old->second.stamp, change.id});
  }
  if (change.value) shelf.by_stamp.emplace(change.value->stamp, change.id);
  swap_slot(shelf.objects, change.id, change.value);
}

void Store::exchange(TimestampChange& change) {
  std::swap(shelves_[change.place].timestamp, change.value);
}

void Store::exchange(PermissionsChange& change) {
  swap_slot(permissions_, change.uri, change.value);
}

void Store::exchange(GroupsChange& change) {
  swap_slot(groups_, change.member, change.value);
}

}  // namespace kinto_mirror::model
