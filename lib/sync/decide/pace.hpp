#pragma once
// How many batches a replica should have in flight. Pure.

#include "base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kinto_mirror::sync {

// PostgreSQL stores two batches at a time nearly twice as fast as one, and a server far away has
// nothing to do while an answer travels. Kinto's memory backend, which does one thing at a time,
// takes longer for two than for one after the other. So it is tried, for as long as the load lasts:
// for a short window there are twice as many in flight, or half as many, and what counts is how
// fast records are stored meanwhile. One window proves little: the latest three of a kind outvote
// each other, and the next one comes soon where they disagree, and ever later where they agree.
class Pace {
 public:
  // `most`: never more in flight than this. `round_trip`: what an answer takes on its way. Where it
  // is long the servers wait for each other, so that a load begins with several, and finds out
  // whether fewer would do; else it begins with one.
  explicit Pace(int most, Millis round_trip = Millis{0});

  [[nodiscard]] int in_flight() const noexcept { return levels_[at_]; }

  void sent(Instant now) noexcept;

  // A batch of `records` was answered. REQUIRES: it was sent.
  void answered(Instant now, std::size_t records) noexcept;

 private:
  class Latest {
   public:
    void add(double value) noexcept;
    void clear() noexcept { added_ = 0; }
    [[nodiscard]] std::span<const double> values() const noexcept;

   private:
    std::array<double, 3> values_{};
    std::size_t added_ = 0;
  };

  // Between two levels: whether the higher one pays, by the times that it was how much faster.
  class Step {
   public:
    explicit Step(bool first) noexcept : first_(first) {}

    // `answers`: of the whole load so far.
    void learn(double gain, std::int64_t answers) noexcept;
    void try_at(std::int64_t answers) noexcept { due_ = answers; }

    [[nodiscard]] bool pays() const noexcept { return pays_; }
    // So many answers before it is tried again.
    [[nodiscard]] std::int64_t due() const noexcept { return due_; }

   private:
    bool first_;  // from one batch to two
    Latest gains_;
    bool pays_ = false;
    int agreeing_ = 0;  // windows in a row that say the same
    std::int64_t due_ = 0;
  };

  void open_round(Instant now) noexcept;
  void judge(double per_record) noexcept;
  void weigh(double per_record) noexcept;
  void choose() noexcept;

  std::vector<int> levels_;  // 1, 2, 4, ... and the most
  std::vector<Step> steps_;  // from each to the next
  std::size_t home_ = 0;     // the best level as far as is known
  std::size_t at_ = 0;       // differs while another one is tried
  Latest home_times_;        // milliseconds a record

  // A window is two rounds. A round begins when as many are in flight as may be.
  bool measuring_ = false;
  Instant round_began_;
  int round_answers_ = 0;
  std::size_t round_records_ = 0;
  std::optional<double> first_round_;

  int flying_ = 0;
  Instant idle_since_;  // where flying_ is 0
  std::int64_t answers_ = 0;
};

}  // namespace kinto_mirror::sync
