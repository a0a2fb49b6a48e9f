#pragma once
// A client of a replica in the manner of Kinto's own: it asks for what came since the ETag that it
// saw, and believes that nothing else has changed.

#include "history.hpp"
#include "site.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::simulate {

class Reader {
 public:
  // `history` is the master's.
  Reader(Site& replica, CollectionId collection, const History& history)
      : replica_(replica), collection_(std::move(collection)), history_(history) {}

  // Starts anew with a collection that was deleted and made anew, as readers of the master must,
  // and where `purges` tells that the deletion of another one took its tombstones and its ETag.
  void poll(int purges);
  [[nodiscard]] bool started() const noexcept { return !etag_.empty(); }

  // What the replica has and the reader has not seen, or the other way round; empty: nothing. But
  // for what came with a stamp of before.
  [[nodiscard]] std::string missed() const;
  [[nodiscard]] const Site& replica() const noexcept { return replica_; }
  [[nodiscard]] const CollectionId& collection() const noexcept { return collection_; }

 private:
  [[nodiscard]] bool may_start() const;
  http::Response get(const std::string& target) const;

  Site& replica_;
  CollectionId collection_;
  const History& history_;
  std::string etag_;  // without quotes
  Contents copy_;
  int purges_ = 0;          // when last asked
  std::uint64_t made_ = 0;  // tells this collection from one of that id that was deleted
};

}  // namespace kinto_mirror::simulate
