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

std::size_t bytes_of(const std::vector<Subrequest>& parts) {
  std::size_t bytes = 0;
  for (const Subrequest& part : parts) bytes += part.bytes();
  return bytes;
}

// Where in `all` each part stands now. What is read twice is asked for once.
std::vector<std::size_t> place(const std::vector<Subrequest>& parts, std::vector<Subrequest>& all,
                               Shared kind) {
  std::vector<std::size_t> places;
  for (const Subrequest& part : parts) {
    const auto same = [&part](const Subrequest& one) {
      return one.method == part.method && one.path == part.path;
    };
    auto found = kind == Shared::reads ? std::ranges::find_if(all, same) : all.end();
    if (found == all.end()) found = all.insert(found, part);
    places.push_back(static_cast<std::size_t>(found - all.begin()));
  }
  return places;
}

}  // namespace

bool Gatherer::takes(const std::vector<Subrequest>& parts) const {
  if (hold_ <= Millis{0} || parts.empty() || clock_.now() < apart_until_) return false;
  // A batch that is full already gains nothing, unless others want the same.
  const bool full = parts.size() >= most_.parts && !expects_others();
  if (full || parts.size() > most_.parts || bytes_of(parts) > most_.bytes) return false;
  return std::ranges::none_of(parts, &Subrequest::must_go_alone);
}

bool Gatherer::fills_a_batch() const {
  if (!expects_others()) {
    std::size_t parts = 0;
    for (const auto& one : queue_) parts += one->parts.size();
    return parts >= most_.parts;
  }
  // The same may be wanted again until the beat; what does not fit gains nothing by waiting.
  std::vector<Subrequest> all;
  for (const auto& one : queue_) (void)place(one->parts, all, kind_);
  return all.size() > most_.parts;
}

// Unless a batch becomes full, or what is under way comes to an end.
Instant Gatherer::may_go_at() const {
  Instant together = queue_.empty() ? clock_.now() : queue_.front()->since;
  if (linger_ > Millis{0}) together = next_beat(together, linger_);
  return under_way_ == 0 ? together : std::max(together, sent_ + hold_);
}

bool Gatherer::may_go() const {
  if (collecting_) return false;
  return clock_.now() >= may_go_at() || fills_a_batch();
}

void Gatherer::lead(Wanted& one) noexcept {
  collecting_ = true;
  one.state = Wanted::State::leads;
}

void Gatherer::wake(Wanted& one) {
  if (one.wake) one.wake->request();
}

// Who waits for others to come to an end would do so in vain.
void Gatherer::let_all_go() {
  std::erase_if(queue_, [](const std::shared_ptr<Wanted>& one) {
    if (one->state != Wanted::State::waits) return false;
    one->state = Wanted::State::decided;
    wake(*one);
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
    : gatherer_(gatherer), wanted_(std::make_shared<Wanted>()) {
  KINTO_MIRROR_REQUIRE(gatherer.takes(parts));
  wanted_->parts = parts;
  wanted_->plain = plain;
  wanted_->since = gatherer.clock_.now();
  wanted_->bytes = bytes_of(parts);
  gatherer_.queue_.push_back(wanted_);
}

// Also where a coroutine is destroyed while it waits: nobody waits for it then.
Gatherer::Seat::~Seat() {
  std::erase(gatherer_.queue_, wanted_);
  for (const auto& one : taken_) {
    if (one->state != Wanted::State::taken) continue;
    one->state = Wanted::State::decided;
    wake(*one);
  }
  const auto state = std::exchange(wanted_->state, Wanted::State::decided);
  if (state == Wanted::State::leads) gatherer_.collecting_ = false;
  if (state == Wanted::State::sends) --gatherer_.under_way_;
  if (state == Wanted::State::leads || state == Wanted::State::sends) gatherer_.next();
}

Task<void> Gatherer::Seat::wait() {
  using State = Wanted::State;
  while (wanted_->state == State::waits || wanted_->state == State::taken) {
    const bool waits = wanted_->state == State::waits;
    if (waits && gatherer_.may_go()) {
      gatherer_.next();
      if (leads()) break;
    }
    Millis most = gatherer_.hold_;
    if (waits && !gatherer_.collecting_) {
      most = gatherer_.may_go_at() - gatherer_.clock_.now();
    }
    wanted_->wake.emplace();
    co_await gatherer_.clock_.sleep(most, *wanted_->wake);
  }
}

bool Gatherer::Seat::leads() const noexcept {
  return wanted_->state == Wanted::State::leads;
}

std::vector<Subrequest> Gatherer::Seat::collect() {
  KINTO_MIRROR_REQUIRE(leads());
  std::erase(gatherer_.queue_, wanted_);
  std::vector<Subrequest> all;
  std::size_t bytes = 0;
  // False: it does not fit.
  const Most& most = gatherer_.most_;
  const auto take = [&](const std::shared_ptr<Wanted>& one) {
    const auto before = static_cast<std::ptrdiff_t>(all.size());
    std::vector<std::size_t> places = place(one->parts, all, gatherer_.kind_);
    const std::size_t more = std::ssize(all) > before ? one->bytes : 0;
    const bool first = taken_.empty();
    if (!first && (all.size() > most.parts || bytes + more > most.bytes)) {
      all.erase(all.begin() + before, all.end());
      return false;
    }
    bytes += more;
    shares_.push_back(Share{std::move(places), one->plain});
    taken_.push_back(one);
    return true;
  };
  take(wanted_);
  std::deque<std::shared_ptr<Wanted>>& queue = gatherer_.queue_;
  while (!queue.empty()) {
    const auto one = queue.front();
    if (!take(one)) break;
    one->state = Wanted::State::taken;
    queue.pop_front();
  }
  wanted_->state = Wanted::State::sends;
  gatherer_.collecting_ = false;
  ++gatherer_.under_way_;
  gatherer_.sent_ = gatherer_.clock_.now();
  if (gatherer_.fills_a_batch()) gatherer_.next();
  return all;
}

void Gatherer::Seat::hand_out(const Result<Reply>& whole) {
  KINTO_MIRROR_REQUIRE(taken_.size() > 1);
  const bool each = concerns_each(whole);
  Result<std::vector<Reply>> replies = std::vector<Reply>();
  if (whole && !each) replies = cut_batch(*whole, shares_, gatherer_.kind_);
  const bool answered = replies && replies->size() == taken_.size();
  const bool undone = !replies && replies.error().code == Errc::conflict;
  const bool took_long = whole && whole->took >= long_time;
  const bool apart = (!answered && !undone && !(each && whole)) || took_long;
  if (apart) gatherer_.apart_until_ = gatherer_.clock_.now() + apart_for;
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (answered) taken_[i]->reply.emplace(std::move((*replies)[i]));
    if (each) taken_[i]->reply.emplace(whole);
    taken_[i]->state = Wanted::State::decided;
    wake(*taken_[i]);
  }
  --gatherer_.under_way_;
  if (apart) gatherer_.let_all_go();
  gatherer_.next();
}

std::optional<Result<Reply>>& Gatherer::Seat::reply() noexcept {
  return wanted_->reply;
}

}  // namespace kinto_mirror::kinto
