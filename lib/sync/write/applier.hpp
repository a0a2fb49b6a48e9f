#pragma once
// Carries writes to the replica: in batches, in order.

#include "sync/decide/pace.hpp"
#include "sync/write/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace kinto_mirror::sync {

// One collection of one replica, for one pass. After an error nothing more is sent; what was
// applied is counted. REQUIRES: flush() awaited before destruction, whatever add() returned.
class Applier {
 public:
  // `in_flight`: batches at the same time, where that is faster. More than one only where nobody
  // can read yet what is written, since readers count on ascending stamps.
  Applier(const PassContext& context, CollectionId collection, int in_flight);
  Applier(const Applier&) = delete;
  Applier& operator=(const Applier&) = delete;

  // What the master has newer than this comes with the next poll: the ETag of the first page that
  // was read. Without it nothing is left for later.
  void set_horizon(Stamp etag) noexcept { delivery_.horizon = etag; }
  [[nodiscard]] std::optional<Stamp> horizon() const noexcept { return delivery_.horizon; }

  // Called behind each batch that is settled, well or not. What it uses outlives the applier.
  void on_settled(std::function<void()> call) { on_settled_ = std::move(call); }
  // Records of the master that were added, and are neither written nor refused yet.
  [[nodiscard]] std::int64_t open() const noexcept { return open_; }

  // Takes a write; sends when a batch is full. REQUIRES: in ascending order of the change's stamp
  // since the last flush(): readers with `_since` never look below what they have seen (P6). What
  // has none of the master's, or not yet, comes as it is met.
  ResultTask<void> add(Write write);

  // Sends what was added so far and waits until all is settled; `add` may follow.
  ResultTask<void> flush();

  [[nodiscard]] const Applied& applied() const noexcept { return outcomes_.applied; }

 private:
  using Batch = Delivery::Batch;

  [[nodiscard]] bool fits(const Write& write) const;
  ResultTask<void> send_batch();
  Task<void> run(Batch batch);

  const PassContext& context_;
  CollectionId collection_;
  Outcomes outcomes_;
  Delivery delivery_;
  Pace pace_;
  TaskGroup group_;
  Batch gathering_;
  std::size_t gathering_bytes_ = 0;
  std::size_t gathering_requests_ = 0;
  std::optional<Error> error_;
  Stamp newest_added_ = before_all;  // since the last flush
  std::function<void()> on_settled_;
  std::int64_t open_ = 0;
};

}  // namespace kinto_mirror::sync
