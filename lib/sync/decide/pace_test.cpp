#include "sync/decide/pace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr std::size_t records = 25;

// A server that works on everything that it has at the same time. `speed` says how much gets done
// in a millisecond while so many batches are there, where one alone makes 1.
struct Server {
  double service = 16;    // milliseconds of work in a batch
  double twice = 1;       // speed with two
  double four_times = 1;  // and with four or more
  double round_trip = 0;  // milliseconds on the way, there and back
  double noise = 0;       // of the work in a batch
  double pauses = 0;      // of the batches, one that stops the server for as long as six
  double filling = 0;     // how much slower each batch makes the next one

  [[nodiscard]] double speed(std::size_t batches) const {
    if (batches <= 2) return batches == 2 ? twice : 1;
    return batches == 3 ? (twice + four_times) / 2 : four_times;
  }
};

// Sends `count` batches, as many at a time as `in_flight()` says, and tells the time that it took.
class Load {
 public:
  Load(const Server& server, int count, unsigned seed) : server_(server) {
    std::mt19937 random(seed);
    for (int i = 0; i < count; ++i) {
      // Sums of uniform numbers, since the standard does not say how its normal ones are made.
      double sum = 0;
      for (int k = 0; k < 12; ++k) sum += unit(random);
      const double slowed = server.service * (1 + server.filling * i);
      work_.push_back(slowed * std::exp(server.noise * (sum - 6)));
      pause_.push_back(unit(random) < server.pauses ? 6 * server.service : 0);
    }
  }

  template <class Limit>
  double run(Limit& limit) {
    while (answered_ < work_.size()) {
      while (next_ < work_.size() && in_flight_ < limit.in_flight()) {
        limit.sent(now());
        ++in_flight_;
        going_.push_back({time_ + server_.round_trip / 2, next_++});
      }
      most_ = std::max(most_, in_flight_);
      advance();
      std::erase_if(coming_, [&](const Event& event) {
        if (event.at > time_ + 1e-6) return false;
        --in_flight_;
        ++answered_;
        limit.answered(now(), records);
        return true;
      });
    }
    return time_;
  }

  [[nodiscard]] int most() const { return most_; }

 private:
  struct Event {
    double at;
    std::size_t batch;
  };
  struct Working {
    std::size_t batch;
    double left;
  };

  static double unit(std::mt19937& random) { return static_cast<double>(random()) / 4294967296.0; }

  [[nodiscard]] Instant now() const { return Instant(Millis(static_cast<std::int64_t>(time_))); }

  // To the next moment at which something happens.
  void advance() {
    const double speed =
        working_.empty() ? 0
                         : server_.speed(working_.size()) / static_cast<double>(working_.size());
    double then = 1e18;
    for (const Event& event : going_) then = std::min(then, event.at);
    for (const Event& event : coming_) then = std::min(then, event.at);
    if (paused_ > 0) {
      then = std::min(then, time_ + paused_);
    } else {
      for (const Working& one : working_) then = std::min(then, time_ + one.left / speed);
    }
    const double passed = then - time_;
    if (paused_ > 0) {
      paused_ = paused_ - passed < 1e-6 ? 0 : paused_ - passed;
    } else {
      for (Working& one : working_) one.left -= passed * speed;
    }
    time_ = then;
    std::erase_if(going_, [&](const Event& event) {
      if (event.at > time_ + 1e-6) return false;
      working_.push_back({event.batch, work_[event.batch]});
      paused_ += pause_[event.batch];
      return true;
    });
    std::erase_if(working_, [&](const Working& one) {
      if (one.left > 1e-6) return false;
      coming_.push_back({time_ + server_.round_trip / 2, one.batch});
      return true;
    });
  }

  Server server_;
  std::vector<double> work_;
  std::vector<double> pause_;
  std::vector<Event> going_;
  std::vector<Working> working_;
  std::vector<Event> coming_;
  double time_ = 0;
  double paused_ = 0;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
  int in_flight_ = 0;
  int most_ = 0;
};

struct Always {
  int limit;
  [[nodiscard]] int in_flight() const { return limit; }
  void sent(Instant) {}
  void answered(Instant, std::size_t) {}
};

// How much longer than with the best constant number, where 0.05 is a twentieth.
struct Losses {
  int best = 1;
  double mean = 0;
  double of_95 = 0;  // of each hundred loads, 95 lose no more
  double worst = 0;
};

constexpr int seeds = 300;

Losses losses(const Server& server, int batches) {
  Losses out;
  double least = 1e18;
  for (const int limit : {1, 2, 4}) {
    double total = 0;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      Always always{limit};
      total += Load(server, batches, seed).run(always);
    }
    if (total < least) out.best = limit;
    least = std::min(least, total);
  }
  std::vector<double> each;
  double total = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    Always always{out.best};
    const double best = Load(server, batches, seed).run(always);
    Pace pace(4);
    Load load(server, batches, seed);
    const double took = load.run(pace);
    CHECK(load.most() <= 4);
    total += took;
    each.push_back(took / best - 1);
  }
  std::ranges::sort(each);
  out.mean = total / least - 1;
  out.of_95 = each[each.size() * 95 / 100];
  out.worst = each.back();
  return out;
}

// Sends `count` batches at `at`, all of which are answered after `took`; when that is.
int send_and_wait(Pace& pace, int count, int at, int took, std::size_t in_each) {
  for (int i = 0; i < count; ++i) pace.sent(Instant(Millis(at)));
  for (int i = 0; i < count; ++i) pace.answered(Instant(Millis(at + took)), in_each);
  return at + took;
}

// How many are in flight most of the time, in a load that goes on.
int mostly(Pace& pace, const Server& server) {
  struct Watch {
    Pace& pace;
    std::array<int, 5> answers{};
    [[nodiscard]] int in_flight() const { return pace.in_flight(); }
    void sent(Instant now) { pace.sent(now); }
    void answered(Instant now, std::size_t count) {
      ++answers.at(static_cast<std::size_t>(pace.in_flight()));
      pace.answered(now, count);
    }
  };
  Watch watch{pace};
  Load(server, 200, 3).run(watch);
  return static_cast<int>(std::ranges::max_element(watch.answers) - watch.answers.begin());
}

}  // namespace

TEST_CASE("a load far away begins with several, and goes down where fewer are faster") {
  CHECK(Pace(8).in_flight() == 1);
  CHECK(Pace(8, Millis{19}).in_flight() == 1);
  CHECK(Pace(8, Millis{20}).in_flight() == 4);
  CHECK(Pace(4, Millis{100}).in_flight() == 4);
  CHECK(Pace(2, Millis{100}).in_flight() == 2);
  CHECK(Pace(1, Millis{100}).in_flight() == 1);
  // So many at a time take so much longer that each is best alone.
  Pace slow(8, Millis{100});
  Instant now{};
  for (int batches = 0; batches < 400;) {
    const int together = slow.in_flight();
    for (int i = 0; i < together; ++i) slow.sent(now);
    now += Millis{100 * together * together};
    for (int i = 0; i < together; ++i, ++batches) slow.answered(now, 25);
  }
  CHECK(slow.in_flight() <= 2);
}

TEST_CASE("little is lost against the best number, whatever the server does with several") {
  const Server serial{.twice = 0.9, .four_times = 0.77, .pauses = 0.03};
  const Server hurt{.twice = 0.8, .four_times = 0.7, .pauses = 0.03};
  const Server filling{.twice = 0.9, .four_times = 0.77, .pauses = 0.03, .filling = 0.005};
  const Server parallel{.service = 150, .twice = 1.6, .four_times = 1.9, .pauses = 0.02};
  const Server far{.twice = 0.9, .four_times = 0.77, .round_trip = 50, .pauses = 0.03};
  const Server both{
      .service = 150, .twice = 1.6, .four_times = 1.9, .round_trip = 50, .pauses = 0.02};
  struct Case {
    const char* what;
    Server server;
    double noise;
    int batches;
    int best;
    double mean;
    double of_95;
    double worst;
  };
  for (const Case& c : {
           Case{"one at a time", serial, 0.1, 80, 1, 0.02, 0.03, 0.07},
           Case{"one at a time", serial, 0.2, 80, 1, 0.03, 0.06, 0.15},
           Case{"one at a time", serial, 0.3, 80, 1, 0.04, 0.13, 0.22},
           Case{"one at a time", serial, 0.2, 400, 1, 0.01, 0.02, 0.09},
           Case{"two are much slower", hurt, 0.2, 80, 1, 0.05, 0.07, 0.2},
           Case{"slower as it fills", filling, 0.2, 80, 1, 0.03, 0.05, 0.15},
           Case{"slower as it fills", filling, 0.2, 400, 1, 0.01, 0.02, 0.08},
           Case{"several at a time", parallel, 0.1, 80, 4, 0.09, 0.15, 0.3},
           Case{"several at a time", parallel, 0.2, 80, 4, 0.13, 0.25, 0.5},
           Case{"several at a time", parallel, 0.2, 400, 4, 0.07, 0.16, 0.22},
           Case{"far away", far, 0.2, 80, 4, 0.18, 0.31, 0.4},
           Case{"far away", far, 0.2, 400, 4, 0.08, 0.13, 0.18},
           Case{"far away, several at a time", both, 0.2, 80, 4, 0.13, 0.22, 0.5},
       }) {
    CAPTURE(c.what);
    CAPTURE(c.noise);
    CAPTURE(c.batches);
    Server server = c.server;
    server.noise = c.noise;
    const Losses lost = losses(server, c.batches);
    CHECK(lost.best == c.best);
    CHECK(lost.mean <= c.mean);
    CHECK(lost.of_95 <= c.of_95);
    CHECK(lost.worst <= c.worst);
  }
}

TEST_CASE("what has changed is found out") {
  struct Case {
    double twice;
    double four_times;
    double later_twice;
    double later_four_times;
    int in_flight;
  };
  for (const Case& c : {Case{0.9, 0.77, 1.6, 1.9, 4}, Case{1.6, 1.9, 0.9, 0.77, 1},
                        Case{0.9, 0.77, 1.6, 1.2, 2}, Case{1.6, 1.9, 1.6, 1.2, 2}}) {
    CAPTURE(c.twice);
    CAPTURE(c.later_four_times);
    Pace pace(4);
    Server server{.service = 50, .twice = c.twice, .four_times = c.four_times, .noise = 0.1};
    Load(server, 200, 1).run(pace);
    server.twice = c.later_twice;
    server.four_times = c.later_four_times;
    // Its clock begins anew, but nothing is in flight.
    Load(server, 1000, 2).run(pace);
    CHECK(mostly(pace, server) == c.in_flight);
  }
}

TEST_CASE("never more than the most, and where readers look on, one") {
  for (const int most : {1, 2, 3, 4, 6, 8}) {
    CAPTURE(most);
    Pace pace(most);
    Load load(Server{.twice = 2, .four_times = 4}, 200, 1);
    load.run(pace);
    CHECK(load.most() == most);
    CHECK(pace.in_flight() <= most);
  }
}

TEST_CASE("it begins with one, and tries two before more") {
  Pace pace(4);
  int at = 0;
  for (int i = 0; i < 4; ++i) {
    CHECK(pace.in_flight() == 1);
    at = send_and_wait(pace, 1, at, 20, records);
  }
  CHECK(pace.in_flight() == 2);
}

TEST_CASE("the time without anything to send is not the replica's") {
  Pace pace(4);
  int at = 0;
  for (int i = 0; i < 100; ++i) {
    // Twice as long for two: nothing is gained.
    const int in_flight = pace.in_flight();
    at = send_and_wait(pace, in_flight, at + 200, in_flight * 20, records);
    CHECK(pace.in_flight() <= 2);
  }
  CHECK(pace.in_flight() == 1);
}

TEST_CASE("records count, not batches") {
  Pace pace(4);
  int at = 0;
  int begun = 0;
  for (int i = 0; i < 100; ++i) {
    const int in_flight = pace.in_flight();
    // Batches of a fifth of the records, in a fifth of the time.
    const bool small = ++begun > 4;
    at = send_and_wait(pace, in_flight, at, in_flight * (small ? 10 : 50), small ? 5 : 25);
    CHECK(pace.in_flight() <= 2);
  }
  CHECK(pace.in_flight() == 1);
}

}  // namespace kinto_mirror::sync
