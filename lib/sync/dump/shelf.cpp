#include "sync/dump/shelf.hpp"

#include "base/require.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace kinto_mirror::sync::dump {

void Shelf::add(std::string_view id, Item item) {
  KINTO_MIRROR_REQUIRE(id.size() <= longest_id);
  item.id_at_ = ids_.size();
  item.id_size_ = static_cast<std::uint16_t>(id.size());
  ids_ += id;
  items_.push_back(item);
}

std::optional<std::string> Shelf::drop_superseded() {
  const auto by_id_and_stamp = [this](const Item& a, const Item& b) {
    const int order = id_of(a).compare(id_of(b));
    return order != 0 ? order < 0 : a.stamp < b.stamp;
  };
  std::ranges::sort(items_, by_id_and_stamp);
  std::optional<std::string> twice;
  for (std::size_t i = 0; i + 1 < items_.size(); ++i) {
    if (id_of(items_[i]) != id_of(items_[i + 1])) continue;
    items_[i].superseded_ = true;
    if (!twice && items_[i].stamp == items_[i + 1].stamp) twice = id_of(items_[i]);
  }
  std::erase_if(items_, [](const Item& item) { return item.superseded_; });
  return twice;
}

std::optional<std::string> Shelf::settle() {
  std::optional<std::string> twice = drop_superseded();
  std::ranges::sort(items_, [this](const Item& a, const Item& b) {
    return std::tuple(a.stamp, id_of(a)) < std::tuple(b.stamp, id_of(b));
  });
  items_.shrink_to_fit();
  by_id_.resize(items_.size());
  std::iota(by_id_.begin(), by_id_.end(), 0U);
  std::ranges::sort(by_id_, {}, [this](std::uint32_t place) { return id(place); });
  live_ = std::ranges::count(items_, false, &Item::deleted);
  return twice;
}

std::optional<std::size_t> Shelf::find(std::string_view wanted) const noexcept {
  const auto at = std::ranges::lower_bound(by_id_, wanted, {},
                                           [this](std::uint32_t place) { return id(place); });
  if (at == by_id_.end() || id(*at) != wanted) return std::nullopt;
  return *at;
}

std::size_t Shelf::newer_than(Stamp stamp) const noexcept {
  const auto at = std::ranges::upper_bound(items_, stamp, {}, &Item::stamp);
  return static_cast<std::size_t>(at - items_.begin());
}

std::size_t Shelf::first_from(Stamp stamp) const noexcept {
  const auto at = std::ranges::lower_bound(items_, stamp, {}, &Item::stamp);
  return static_cast<std::size_t>(at - items_.begin());
}

std::size_t Shelf::behind(std::string_view wanted) const noexcept {
  const auto at = std::ranges::upper_bound(by_id_, wanted, {},
                                           [this](std::uint32_t place) { return id(place); });
  return static_cast<std::size_t>(at - by_id_.begin());
}

}  // namespace kinto_mirror::sync::dump
