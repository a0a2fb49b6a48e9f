#include "sync/write/applier.hpp"

#include "base/require.hpp"
#include "kinto/reply.hpp"
#include "sync/decide/batching.hpp"
#include "sync/read/visibility.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// How often one record may turn out to be something else before it is left to the next pass.
constexpr int max_rounds = 5;

// A stamp of the replica's record is asked for, which nobody else can have where they are unique.
bool places_stamp(const Write& write) noexcept {
  return write.action == Action::create || write.action == Action::update ||
         write.action == Action::recreate;
}

// False of what is removed for lack, and of a deletion that the master is still to be asked about.
[[maybe_unused]] bool has_stamp(const Write& write) noexcept {
  return write.change.stamp > Stamp{};
}

bool deletes_by_tombstone(const Write& write) noexcept {
  return write.action == Action::remove && !write.for_lack;
}

}  // namespace

Applier::Applier(const PassContext& context, CollectionId collection, int in_flight)
    : context_(context),
      collection_(std::move(collection)),
      pace_(in_flight),
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
  if (places_stamp(write)) place(write);
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

bool Applier::holds_stamps_once() const {
  return context_.traits.holds_stamps_once.value_or(false);
}

// Of records with one stamp the next ones take the next ones, without asking for each.
void Applier::place(Write& write) {
  const bool taken = run_begin_ <= write.placed && write.placed <= run_end_;
  if (taken && holds_stamps_once()) {
    write.placed = Stamp{run_end_.ms + 1};
  } else {
    run_begin_ = write.placed;
  }
  run_end_ = write.placed;
}

ResultTask<void> Applier::send_batch() {
  Batch batch = std::exchange(gathering_, {});
  gathering_bytes_ = 0;
  gathering_requests_ = 0;
  if (error_ || batch.empty()) co_return error_ ? Result<void>(*error_) : success();
  if (context_.stop.requested()) error_ = Error(Errc::stopped, "stopped before all was written");
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
  pace_.sent(context_.clock.now());
  auto settled = co_await settle(std::move(batch));
  pace_.answered(context_.clock.now(), records);
  if (!settled && !error_) error_ = settled.error();
}

ResultTask<void> Applier::settle(Batch batch) {
  for (int round = 0; round < max_rounds && !batch.empty(); ++round) {
    auto replans = co_await send(std::move(batch));
    if (!replans) co_return replans.error();
    auto again = co_await replan(std::move(*replans));
    if (!again) co_return again.error();
    batch = std::move(*again);
  }
  for (const Write& write : batch) leave(write);
  co_return success();
}

ResultTask<std::vector<Applier::Replan>> Applier::send(Batch batch) {
  std::vector<Replan> replans;
  std::erase_if(batch, [&replans](Write& write) {
    if (write.action != Action::recheck) return false;
    const std::optional<Known> known = write.replica;
    replans.emplace_back(std::move(write), known);
    return true;
  });
  // A live record with a member `deleted` is told from a tombstone by a second listing, which would
  // leave it out as well if the right to see it were lost between the two.
  if (std::ranges::any_of(batch, deletes_by_tombstone)) {
    auto whole = co_await shows_everything_now(context_.master);
    if (!whole) co_return whole.error();
  }
  std::deque<Batch> chunks =
      into_chunks(std::move(batch), context_.replica.batch_max_requests(), collection_);
  while (!chunks.empty()) {
    if (context_.stop.requested()) {
      co_return Error(Errc::stopped, "stopped before all was written");
    }
    auto sent = co_await send_chunk(chunks, replans);
    if (!sent) co_return sent.error();
  }
  co_return replans;
}

// As shows_everything(), when the replica will take what depends on it: a right may be lost while
// it is left in peace.
ResultTask<void> Applier::shows_everything_now(kinto::Server& server) {
  constexpr int most = 5;  // each answer may ask for more peace
  for (int tries = 1;; ++tries) {
    auto whole = co_await shows_everything(server, collection_, context_.clock);
    const Millis rest = context_.replica.resting_for();
    if (!whole || rest <= Millis{0} || tries == most || context_.stop.requested()) co_return whole;
    co_await context_.clock.sleep(rest, context_.stop);
  }
}

// Sends the chunk in front and takes it away, or puts its halves in its place.
ResultTask<bool> Applier::send_chunk(std::deque<Batch>& chunks, std::vector<Replan>& replans) {
  split_to(chunks, context_.replica.most_bytes());
  for (Write& write : chunks.front()) ++write.sent;
  const Batch& front = chunks.front();
  auto answers = co_await context_.replica.send(subrequests_of(front, collection_));
  if (!answers) {
    const Error& error = answers.error();
    Outcome whole;
    whole.verdict = error.code == Errc::failing ? Verdict::failing : Verdict::refused;
    whole.status = error.status;
    whole.message = error.message;
    co_return co_await send_failed(chunks, error, std::move(whole));
  }
  std::vector<Outcome> outcomes = outcomes_of(front, *answers);
  // PostgreSQL has undone what came before a clash in the batch (hazard 13), so none of it counts.
  if (std::ranges::any_of(outcomes, undoes_batch) && split_front(chunks)) co_return true;
  const Verdict verdict = outcomes.front().verdict;
  if (verdict == Verdict::turned_away) {
    std::string& message = outcomes.front().message;
    message = (message.empty() ? "without a reason" : message) + std::string(kinto::in_front);
  }
  if (verdict == Verdict::failing || verdict == Verdict::turned_away) {
    const Error error = ended(front.front(), outcomes.front());
    co_return co_await send_failed(chunks, error, std::move(outcomes.front()));
  }
  Batch chunk = std::move(chunks.front());
  chunks.pop_front();
  auto taken = co_await take_outcomes(std::move(chunk), outcomes, replans);
  if (!taken) co_return taken.error();
  co_return true;
}

}  // namespace kinto_mirror::sync
