#pragma once
// What the master's buckets, groups and collections have been, and since when.

#include "model/store.hpp"
#include "timeline.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::simulate {

// By the URI of a container: "/buckets/b", "/buckets/b/groups/g", "/buckets/b/collections/c".
struct ContainerState {
  enum class What { absent, tombstone, alive };
  What what = What::absent;
  model::Epoch stamp = 0;
  boost::json::object data;
  model::Permissions lists;

  bool operator==(const ContainerState&) const = default;
};
using ContainerStates = std::map<std::string, ContainerState, std::less<>>;

// Absent where it is not among them.
const ContainerState& state_of(const ContainerStates& states, std::string_view uri);

// Those that a server has or has tombstones of, but for those of the daemons.
ContainerStates container_states(const model::Store& store);

// Another one where any of them may have changed.
std::uint64_t container_revision(const model::Store& store);

bool is_bucket(std::string_view uri) noexcept;
// "/buckets/b" of all that is in it.
std::string_view bucket_of(std::string_view uri) noexcept;

class ContainerHistory {
 public:
  struct Version {
    ContainerState state;
    Instant since{};
    Instant until = Instant::max();
  };

  // Notes what differs from the last look.
  void look(const model::Store& store, Instant when);

  // Those at any time from `since` on, in their order. What was never there is absent.
  [[nodiscard]] std::vector<const Version*> from(std::string_view uri, Instant since) const;
  [[nodiscard]] const ContainerState& now(std::string_view uri) const;
  [[nodiscard]] Instant changed(std::string_view uri) const;

  // Whether it had a tombstone of its own at some time from `since` on.
  [[nodiscard]] bool was_deleted(std::string_view uri, Instant since) const;
  // The highest stamp of a tombstone that it had.
  [[nodiscard]] std::optional<model::Epoch> newest_deletion(std::string_view uri) const;
  // When the last tombstone of it, or of its bucket, gave way to a new container; Instant::max()
  // while one stands.
  [[nodiscard]] Instant came_back(std::string_view uri) const;

 private:
  std::map<std::string, std::vector<Version>, std::less<>> versions_;
  std::uint64_t revision_ = ~std::uint64_t{0};
};

}  // namespace kinto_mirror::simulate
