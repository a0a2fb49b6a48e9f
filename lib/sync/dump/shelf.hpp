#pragma once
// The objects of one plural endpoint of a dump: where each stands in the file, and in which order
// Kinto would list them. Pure; what it costs is in docs/dump.md.

#include "base/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync::dump {

// Bytes of the file.
struct Slice {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
};

struct Item {
  Stamp stamp;
  Slice raw;  // of a container's tombstone empty
  bool deleted = false;
  bool marked = false;  // alive, with a member `deleted` of its own

 private:
  friend class Shelf;
  bool superseded_ = false;  // a newer version of this id stands there as well
  std::uint16_t id_size_ = 0;
  std::uint64_t id_at_ = 0;
};

class Shelf {
 public:
  static constexpr std::size_t longest_id = 65'535;

  // REQUIRES: before settle(); id.size() <= longest_id.
  void add(std::string_view id, Item item);

  // Puts all in order. Of several versions of one id the newest stays. An id is returned of which
  // two have one stamp, which no listing has.
  std::optional<std::string> settle();

  // -- After settle(). Places are those in the order last_modified, id.
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] const Item& item(std::size_t place) const noexcept { return items_[place]; }
  [[nodiscard]] std::string_view id(std::size_t place) const noexcept {
    return id_of(items_[place]);
  }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const noexcept;
  // The first place that is newer than `stamp`.
  [[nodiscard]] std::size_t newer_than(Stamp stamp) const noexcept;
  // The first place that is as new as `stamp`, or newer.
  [[nodiscard]] std::size_t first_from(Stamp stamp) const noexcept;
  // In the order of ids: the first number behind `id`, and the place of each number.
  [[nodiscard]] std::size_t behind(std::string_view id) const noexcept;
  [[nodiscard]] std::size_t by_id(std::size_t number) const noexcept { return by_id_[number]; }

  [[nodiscard]] std::int64_t live() const noexcept { return live_; }
  [[nodiscard]] Stamp newest() const noexcept {
    return items_.empty() ? Stamp{} : items_.back().stamp;
  }

 private:
  [[nodiscard]] std::string_view id_of(const Item& item) const noexcept {
    return std::string_view(ids_).substr(item.id_at_, item.id_size_);
  }
  std::optional<std::string> drop_superseded();

  std::string ids_;  // all of them, one behind the other
  std::vector<Item> items_;
  std::vector<std::uint32_t> by_id_;
  std::int64_t live_ = 0;
};

}  // namespace kinto_mirror::sync::dump
