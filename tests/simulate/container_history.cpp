#include "container_history.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::simulate {

namespace {

using What = ContainerState::What;

// Of a version that stands since ever.
const ContainerHistory::Version never_there;

void take(ContainerStates& out, const model::Store& store, const std::string& parent,
          const char* kind, const char* plural) {
  const model::Shelf* const shelf = store.shelf({parent, kind});
  if (shelf == nullptr) return;
  for (const auto& [id, object] : shelf->objects) {
    std::string uri = parent;
    uri += plural;
    uri += id;
    ContainerState state;
    state.what = object.deleted ? What::tombstone : What::alive;
    state.stamp = object.stamp;
    if (!object.deleted) state.data = object.data;
    const auto lists = store.permissions().find(uri);
    if (!object.deleted && lists != store.permissions().end()) state.lists = lists->second;
    out[std::move(uri)] = std::move(state);
  }
}

bool is_daemons(std::string_view uri) {
  return bucket_of(uri) == "/buckets/kinto-mirror";
}

}  // namespace

const ContainerState& state_of(const ContainerStates& states, std::string_view uri) {
  const auto found = states.find(uri);
  return found == states.end() ? never_there.state : found->second;
}

bool is_bucket(std::string_view uri) noexcept {
  return std::ranges::count(uri, '/') == 2;
}

std::string_view bucket_of(std::string_view uri) noexcept {
  constexpr std::string_view before = "/buckets/";
  return uri.substr(0, uri.find('/', before.size()));
}

// The memory backend calls the parent of buckets so, too.
ContainerStates container_states(const model::Store& store) {
  ContainerStates out;
  std::vector<std::string> parents;
  for (const auto& [place, shelf] : store.shelves()) {
    if (place.kind == "bucket") take(out, store, place.parent, "bucket", "/buckets/");
    if (place.kind == "group") take(out, store, place.parent, "group", "/groups/");
    if (place.kind == "collection") take(out, store, place.parent, "collection", "/collections/");
  }
  std::erase_if(out, [](const auto& one) { return is_daemons(one.first); });
  return out;
}

std::uint64_t container_revision(const model::Store& store) {
  std::uint64_t out = 0;
  for (const auto& [place, shelf] : store.shelves()) {
    if (place.kind == "record") continue;
    // Of a shelf's revisions each is another one, so that their mixture is, too.
    out = out * 1'000'003 + shelf.revision;
  }
  return out;
}

void ContainerHistory::look(const model::Store& store, Instant when) {
  const std::uint64_t revision = container_revision(store);
  if (revision == revision_) return;
  revision_ = revision;
  ContainerStates states = container_states(store);
  for (const auto& [uri, versions] : versions_) states.try_emplace(uri);
  for (auto& [uri, state] : states) {
    std::vector<Version>& versions = versions_[uri];
    if (!versions.empty() && versions.back().state == state) continue;
    if (!versions.empty()) versions.back().until = when;
    versions.push_back({std::move(state), when, Instant::max()});
  }
}

std::vector<const ContainerHistory::Version*> ContainerHistory::from(std::string_view uri,
                                                                     Instant since) const {
  std::vector<const Version*> out;
  const auto found = versions_.find(uri);
  if (found == versions_.end() || found->second.front().since >= since) {
    out.push_back(&never_there);
  }
  if (found == versions_.end()) return out;
  for (const Version& one : found->second) {
    if (one.until >= since) out.push_back(&one);
  }
  return out;
}

const ContainerState& ContainerHistory::now(std::string_view uri) const {
  const auto found = versions_.find(uri);
  return found == versions_.end() ? never_there.state : found->second.back().state;
}

Instant ContainerHistory::changed(std::string_view uri) const {
  const auto found = versions_.find(uri);
  return found == versions_.end() ? Instant{} : found->second.back().since;
}

bool ContainerHistory::was_deleted(std::string_view uri, Instant since) const {
  return std::ranges::any_of(from(uri, since),
                             [](const Version* one) { return one->state.what == What::tombstone; });
}

std::optional<model::Epoch> ContainerHistory::newest_deletion(std::string_view uri) const {
  std::optional<model::Epoch> out;
  const auto found = versions_.find(uri);
  if (found == versions_.end()) return out;
  for (const Version& one : found->second) {
    if (one.state.what != What::tombstone) continue;
    out = std::max(out.value_or(one.state.stamp), one.state.stamp);
  }
  return out;
}

Instant ContainerHistory::came_back(std::string_view uri) const {
  Instant out{};
  for (const std::string_view name : {uri, bucket_of(uri)}) {
    const auto found = versions_.find(name);
    if (found == versions_.end()) continue;
    for (const Version& one : found->second) {
      if (one.state.what == What::tombstone) out = std::max(out, one.until);
    }
  }
  return out;
}

}  // namespace kinto_mirror::simulate
