#include "sync/decide/pace.hpp"

#include "base/require.hpp"

#include <algorithm>
#include <numeric>

namespace kinto_mirror::sync {

namespace {

// At the least, so that the clock's milliseconds do not decide.
constexpr Millis least_round{20};
constexpr int least_answers = 2;

// What a step must gain. The first one is a loss where the server does one thing at a time, and
// noise must not look like a gain; where two were faster than one, more do no harm.
constexpr double first_gain = 1.15;
constexpr double further_gain = 1.0;
constexpr double beyond_doubt = 1.1;  // times as much

// A batch of records takes a server about as long.
constexpr Millis far{20};

// Answers from one window of a step to the next.
constexpr std::int64_t patience = 8;
constexpr std::int64_t most_patience = 256;

// Of at most three.
double median(std::span<const double> values) noexcept {
  const auto [least, most] = std::ranges::minmax(values);
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return values.size() == 3 ? sum - least - most : (least + most) / 2;
}

}  // namespace

void Pace::Latest::add(double value) noexcept {
  values_[added_++ % values_.size()] = value;
}

std::span<const double> Pace::Latest::values() const noexcept {
  return std::span(values_).first(std::min(added_, values_.size()));
}

void Pace::Step::learn(double gain, std::int64_t answers) noexcept {
  gains_.add(gain);
  const double needed = first_ ? first_gain : further_gain;
  const auto gains = gains_.values();
  const auto count = static_cast<std::ptrdiff_t>(gains.size());
  const auto votes = std::ranges::count_if(gains, [needed](double g) { return g >= needed; });
  const bool agreed = votes == 0 || votes == count;
  const bool paid = pays_;
  // Of two that disagree, the one that is for what costs nothing where it is wrong: one batch at a
  // time, or as many as are known to do.
  pays_ = first_ ? votes * 2 > count : votes * 2 >= count;
  if (!agreed) {
    agreeing_ = 0;
    due_ = answers + std::clamp(answers / 4, patience / 2, most_patience);
    return;
  }
  agreeing_ = agreeing_ > 0 && paid == pays_ ? agreeing_ + 1 : static_cast<int>(count);
  const bool clear = count > 1 && std::ranges::all_of(gains, [&](double g) {
                       return pays_ ? g >= needed * beyond_doubt : g < needed / beyond_doubt;
                     });
  const std::int64_t wait = patience << std::min(agreeing_ - 1, 5);
  due_ = answers + std::min(clear ? wait * 3 : wait, most_patience);
}

Pace::Pace(int most, Millis round_trip) {
  for (int level = 1; level < most; level *= 2) {
    levels_.push_back(level);
    steps_.emplace_back(level == 1);
  }
  levels_.push_back(std::max(most, 1));
  if (round_trip < far) return;
  at_ = home_ = std::min<std::size_t>(2, steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) steps_[i].try_at(i < home_ ? patience : 0);
}

void Pace::sent(Instant now) noexcept {
  // While nothing was in flight there was nothing to send: not the replica's time.
  if (flying_ == 0 && measuring_) round_began_ += now - idle_since_;
  ++flying_;
  if (!measuring_ && flying_ == in_flight()) open_round(now);
}

void Pace::open_round(Instant now) noexcept {
  measuring_ = true;
  round_began_ = now;
  round_answers_ = 0;
  round_records_ = 0;
}

void Pace::answered(Instant now, std::size_t records) noexcept {
  KINTO_MIRROR_REQUIRE(flying_ > 0);
  --flying_;
  ++answers_;
  if (flying_ == 0) idle_since_ = now;
  if (!measuring_ || steps_.empty()) return;
  ++round_answers_;
  round_records_ += records;
  // Those that are in flight together are often answered together.
  const bool whole = round_answers_ >= least_answers && round_answers_ % in_flight() == 0;
  const Millis took = now - round_began_;
  if (!whole || took < least_round) return;
  const double per_record = static_cast<double>(took.count()) /
                            static_cast<double>(std::max<std::size_t>(round_records_, 1));
  open_round(now);
  if (!first_round_) {
    first_round_ = per_record;
    return;
  }
  // One batch in ten meets a pause of the server's, which tells nothing.
  const double window = std::min(*first_round_, per_record);
  first_round_.reset();
  const int before = in_flight();
  judge(window);
  measuring_ = in_flight() == before;
}

void Pace::judge(double per_record) noexcept {
  if (at_ == home_) {
    home_times_.add(per_record);
  } else {
    weigh(per_record);
  }
  choose();
}

// What another level than home_ has shown.
void Pace::weigh(double per_record) noexcept {
  const std::size_t lower = std::min(at_, home_);
  const double at_home = median(home_times_.values());
  Step& step = steps_[lower];
  step.learn(at_ > home_ ? at_home / per_record : per_record / at_home, answers_);
  const std::size_t winner = step.pays() ? lower + 1 : lower;
  if (winner != home_) {
    const bool up = winner > home_;
    home_ = winner;
    home_times_.clear();
    home_times_.add(per_record);
    if (up && home_ < steps_.size()) steps_[home_].try_at(answers_);
  }
  at_ = home_;
}

// Stays at home_, or tries the neighbour that has waited longer.
void Pace::choose() noexcept {
  at_ = home_;
  std::int64_t due = answers_;
  if (home_ < steps_.size() && steps_[home_].due() <= due) {
    due = steps_[home_].due() - 1;
    at_ = home_ + 1;
  }
  if (home_ > 0 && steps_[home_ - 1].due() <= due) at_ = home_ - 1;
}

}  // namespace kinto_mirror::sync
