#include "sync/write/applier.hpp"

#include "base/require.hpp"
#include "sync/decide/batching.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// A stamp of the replica's record is asked for, which nobody else can have where they are unique.
bool places_stamp(const Write& write) noexcept {
  return write.action == Action::create || write.action == Action::update ||
         write.action == Action::recreate;
}

// False of what is removed for lack, and of a deletion that the master is still to be asked about.
[[maybe_unused]] bool has_stamp(const Write& write) noexcept {
  return write.change.stamp > Stamp{};
}

bool is_live(const Write& write) noexcept {
  return !write.change.tombstone;
}

}  // namespace

Applier::Applier(const PassContext& context, CollectionId collection, int in_flight)
    : context_(context),
      collection_(std::move(collection)),
      outcomes_(context, collection_),
      delivery_(context, collection_, outcomes_),
      pace_(in_flight, context.replica.quickest()),
      group_(context.background.executor()) {}

bool Applier::fits(const Write& write) const {
  return gathering_.empty() ||
         (gathering_requests_ + requests_of(write) <= context_.replica.batch_max_requests() &&
          gathering_bytes_ + write.bytes() <= max_batch_bytes &&
          std::cmp_less_equal(gathering_bytes_ + write.bytes(), context_.replica.most_bytes()));
}

ResultTask<void> Applier::add(Write write) {
  KINTO_MIRROR_REQUIRE(!has_stamp(write) || write.change.stamp >= newest_added_);
  newest_added_ = std::max(newest_added_, write.change.stamp);
  if (is_live(write)) ++open_;
  if (places_stamp(write)) outcomes_.place(write);
  write.suspect = context_.traits.suspects.holds(collection_, write.change.id);
  if (!fits(write)) {
    auto sent = co_await send_batch();
    if (!sent) co_return sent.error();
  }
  gathering_bytes_ += write.bytes();
  gathering_requests_ += requests_of(write);
  gathering_.push_back(std::move(write));
  if (error_) co_return *error_;
  co_return success();
}

ResultTask<void> Applier::send_batch() {
  Batch batch = std::exchange(gathering_, {});
  gathering_bytes_ = 0;
  gathering_requests_ = 0;
  if (error_ || batch.empty()) co_return error_ ? Result<void>(*error_) : success();
  if (context_.stop.requested()) error_ = stopped_writing();
  if (error_) co_return *error_;
  // An answer may change how many are to be in flight.
  while (group_.running() >= pace_.in_flight()) co_await group_.wait_below(group_.running());
  // After a batch that failed meanwhile, a newer one would come out of turn.
  if (error_) co_return *error_;
  group_.spawn(run(std::move(batch)));
  co_return error_ ? Result<void>(*error_) : success();
}

ResultTask<void> Applier::flush() {
  auto sent = co_await send_batch();
  co_await group_.join();
  newest_added_ = before_all;
  if (error_) co_return *error_;
  co_return sent;
}

Task<void> Applier::run(Batch batch) {
  const std::size_t records = batch.size();
  const std::int64_t live = std::ranges::count_if(batch, is_live);
  pace_.sent(context_.clock.now());
  auto settled = co_await delivery_.carry(std::move(batch));
  pace_.answered(context_.clock.now(), records);
  if (!settled && !error_) error_ = settled.error();
  open_ -= live;
  if (on_settled_) on_settled_();
}

}  // namespace kinto_mirror::sync
