#include "kinto/gather.hpp"

#include "base/require.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::kinto {

namespace {

// After a batch that failed or took long, so long each read goes by itself.
constexpr Millis apart_for{30'000};
constexpr Millis long_time{2'000};

// Whatever was asked, the answer would have been the same: to each of them.
bool concerns_each(const Result<Reply>& whole) {
  if (!whole) {
    const Errc code = whole.error().code;
    return !whole.error().slow && code != Errc::too_large && code != Errc::not_kinto;
  }
  const bool limited = whole->status == 429 || whole->status == 503;
  return limited && is_refused_in_between("POST", *whole);
}

}  // namespace

bool Gatherer::takes(const std::vector<Subrequest>& parts) const {
  if (hold_ <= Millis{0} || parts.empty() || clock_.now() < apart_until_) return false;
  // A batch that is full already gains nothing.
  if (parts.size() >= most_.parts) return false;
  return std::ranges::none_of(parts, &Subrequest::must_go_alone);
}

bool Gatherer::fills_a_batch() const {
  std::size_t parts = 0;
  for (const auto& read : queue_) parts += read->parts.size();
  return parts >= most_.parts;
}

bool Gatherer::may_go() const {
  if (collecting_) return false;
  return under_way_ == 0 || clock_.now() >= sent_ + hold_ || fills_a_batch();
}

void Gatherer::lead(Read& read) noexcept {
  collecting_ = true;
  read.state = Read::State::leads;
}

void Gatherer::wake(Read& read) {
  if (read.wake) read.wake->request();
}

// Who waits for others to come to an end would do so in vain.
void Gatherer::let_all_go() {
  std::erase_if(queue_, [](const std::shared_ptr<Read>& read) {
    if (read->state != Read::State::waits) return false;
    read->state = Read::State::decided;
    wake(*read);
    return true;
  });
}

// Whoever has waited longest is to send.
void Gatherer::next() {
  if (collecting_ || queue_.empty()) return;
  lead(*queue_.front());
  wake(*queue_.front());
}

Gatherer::Seat::Seat(Gatherer& gatherer, const std::vector<Subrequest>& parts, bool plain)
    : gatherer_(gatherer), read_(std::make_shared<Read>()) {
  KINTO_MIRROR_REQUIRE(gatherer.takes(parts));
  read_->parts = parts;
  read_->plain = plain;
  for (const Subrequest& part : parts) read_->bytes += part.bytes();
  gatherer_.queue_.push_back(read_);
}

// Also where a coroutine is destroyed while it waits: nobody waits for it then.
Gatherer::Seat::~Seat() {
  std::erase(gatherer_.queue_, read_);
  for (const auto& read : taken_) {
    if (read->state != Read::State::taken) continue;
    read->state = Read::State::decided;
    wake(*read);
  }
  const auto state = std::exchange(read_->state, Read::State::decided);
  if (state == Read::State::leads) gatherer_.collecting_ = false;
  if (state == Read::State::sends) --gatherer_.under_way_;
  if (state == Read::State::leads || state == Read::State::sends) gatherer_.next();
}

Task<void> Gatherer::Seat::wait() {
  using State = Read::State;
  while (read_->state == State::waits || read_->state == State::taken) {
    const bool waits = read_->state == State::waits;
    if (waits && gatherer_.may_go()) {
      gatherer_.next();
      if (leads()) break;
    }
    Millis most = gatherer_.hold_;
    if (waits && !gatherer_.collecting_) most -= gatherer_.clock_.now() - gatherer_.sent_;
    read_->wake.emplace();
    co_await gatherer_.clock_.sleep(most, *read_->wake);
  }
}

bool Gatherer::Seat::leads() const noexcept {
  return read_->state == Read::State::leads;
}

std::vector<Subrequest> Gatherer::Seat::collect() {
  KINTO_MIRROR_REQUIRE(leads());
  std::erase(gatherer_.queue_, read_);
  std::vector<Subrequest> all = read_->parts;
  std::size_t bytes = read_->bytes;
  taken_.push_back(read_);
  std::deque<std::shared_ptr<Read>>& queue = gatherer_.queue_;
  const Most& most = gatherer_.most_;
  while (!queue.empty()) {
    const auto& read = queue.front();
    if (all.size() + read->parts.size() > most.parts || bytes + read->bytes > most.bytes) break;
    all.insert(all.end(), read->parts.begin(), read->parts.end());
    bytes += read->bytes;
    read->state = Read::State::taken;
    taken_.push_back(read);
    queue.pop_front();
  }
  read_->state = Read::State::sends;
  gatherer_.collecting_ = false;
  ++gatherer_.under_way_;
  gatherer_.sent_ = gatherer_.clock_.now();
  if (gatherer_.fills_a_batch()) gatherer_.next();
  return all;
}

void Gatherer::Seat::hand_out(const Result<Reply>& whole) {
  KINTO_MIRROR_REQUIRE(taken_.size() > 1);
  std::vector<Share> shares;
  for (const auto& read : taken_) shares.push_back(Share{read->parts.size(), read->plain});
  const bool each = concerns_each(whole);
  auto replies =
      whole && !each ? cut_batch(*whole, shares) : Result<std::vector<Reply>>(std::vector<Reply>());
  const bool answered = replies && replies->size() == taken_.size();
  const bool took_long = whole && whole->took >= long_time;
  const bool apart = (!answered && !(each && whole)) || took_long;
  if (apart) gatherer_.apart_until_ = gatherer_.clock_.now() + apart_for;
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (answered) taken_[i]->reply.emplace(std::move((*replies)[i]));
    if (each) taken_[i]->reply.emplace(whole);
    taken_[i]->state = Read::State::decided;
    wake(*taken_[i]);
  }
  --gatherer_.under_way_;
  if (apart) gatherer_.let_all_go();
  gatherer_.next();
}

std::optional<Result<Reply>>& Gatherer::Seat::reply() noexcept {
  return read_->reply;
}

}  // namespace kinto_mirror::kinto
