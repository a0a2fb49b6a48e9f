#pragma once
// One side of a walk: the row in front of a listing that is read page by page.

#include "sync/decide/merge_join.hpp"
#include "sync/read/listing_reader.hpp"

#include <optional>
#include <utility>

namespace kinto_mirror::sync {

class Side {
 public:
  Side(kinto::Server& server, std::string path, kinto::Listing listing, TaskGroup& background)
      : reader_(server, std::move(path), std::move(listing), background) {}

  // load() must come before row() or ended() can be asked.
  [[nodiscard]] bool needs_page() const noexcept {
    return !ended_ && (!page_ || at_ == page_->entries.size());
  }

  // Reads on until there is a row in front, or the end.
  ResultTask<void> load() {
    while (needs_page()) {
      auto page = co_await reader_.next();
      if (!page) co_return page.error();
      page_ = std::move(*page);
      at_ = 0;
      ended_ = !page_;
    }
    co_return success();
  }

  [[nodiscard]] bool ended() const noexcept { return ended_; }

  [[nodiscard]] Row row() const {
    const kinto::Entry& entry = page_->entries[at_];
    return {entry.id, entry.stamp, entry.deleted, reader_.has_bodies() ? entry.raw : ""};
  }

  void advance() noexcept { ++at_; }

  [[nodiscard]] const ListingReader& reader() const noexcept { return reader_; }

 private:
  ListingReader reader_;
  std::optional<kinto::Page> page_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace kinto_mirror::sync
