#include "kinto/rate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

// As nginx's limit_req does it, without delay: what comes too fast is refused and leaves no trace.
class Limiter {
 public:
  Limiter(double per_second, double burst) : per_ms_(per_second / 1000), burst_(burst) {}

  bool lets_through(Instant now) {
    const double excess =
        passed_ == 0
            ? 0
            : std::max(0.0, excess_ - per_ms_ * static_cast<double>((now - last_).count()) + 1);
    if (excess > burst_) return false;
    excess_ = excess;
    last_ = now;
    ++passed_;
    return true;
  }
  [[nodiscard]] int passed() const noexcept { return passed_; }

 private:
  double per_ms_;
  double burst_;
  double excess_ = 0;
  Instant last_{};
  int passed_ = 0;
};

struct Outcome {
  int sent = 0;
  double seconds = 0;
};

// One client after the other, each answer after `took`.
Outcome pass_through(Limiter limiter, int wanted, Millis took) {
  Rate rate;
  const Instant begin{Millis{1'000'000}};
  Instant now = begin;
  Outcome out;
  while (limiter.passed() < wanted) {
    now = std::max(now, rate.ready());
    rate.sent(now);
    ++out.sent;
    const bool passes = limiter.lets_through(now);
    const Instant sent = now;
    now += took;
    if (passes) {
      rate.answered(now);
    } else {
      rate.refused(sent, now, 503);
    }
  }
  out.seconds = static_cast<double>((now - begin).count()) / 1000;
  return out;
}

}  // namespace

TEST_CASE("at every rate and burst little more is sent than is let through, and not much less") {
  for (const double rate : {1.0, 2.0, 5.0, 20.0, 50.0}) {
    for (const double burst : {0.0, 5.0, 20.0}) {
      for (const int wanted : {20, 100, 400}) {
        CAPTURE(rate);
        CAPTURE(burst);
        CAPTURE(wanted);
        const Outcome out = pass_through(Limiter(rate, burst), wanted, Millis{4});
        CHECK(out.sent <= 1.5 * (rate * out.seconds + burst + 1) + 3);
        // Half of what is allowed, at least, once it is found.
        CHECK(out.seconds <= 3 + 2.5 * std::max(0.0, wanted - burst) / rate);
      }
    }
  }
}

TEST_CASE("refusals of requests that were under way together slow down once") {
  Rate rate;
  const Instant now{Millis{1'000}};
  CHECK(rate.ready() <= now);
  rate.refused(now, now + Millis{10}, 429);
  rate.refused(now + Millis{1}, now + Millis{11}, 429);
  rate.refused(now + Millis{2}, now + Millis{12}, 429);
  CHECK(rate.spacing() == Rate::first);
  CHECK(rate.ready() == now + Millis{10} + Rate::first);
  rate.refused(now + Millis{60}, now + Millis{70}, 429);
  CHECK(rate.spacing() == 2 * Rate::first);
}

TEST_CASE("it is tried faster step by step, and soon forgotten when nothing is refused any more") {
  Rate rate;
  Instant now{Millis{1'000}};
  rate.refused(now, now, 429);
  rate.refused(now, now, 429);
  REQUIRE(rate.spacing() == 2 * Rate::first);
  int answers = 0;
  while (rate.spacing() == 2 * Rate::first) {
    rate.answered(now);
    ++answers;
  }
  CHECK(answers == 8);
  CHECK(rate.spacing() == Rate::first * 2 * 7 / 8);
  now += Millis{61'000};
  for (int i = 0; i < 40; ++i) rate.answered(now);
  CHECK(rate.spacing() == Millis{0});
  CHECK(rate.last_answered() == now);
}

TEST_CASE("the longest time between two requests has a bound") {
  Rate rate;
  Instant now{Millis{1'000}};
  for (int i = 0; i < 40; ++i) rate.refused(now, now, 429);
  CHECK(rate.spacing() == Rate::longest);
  for (int i = 0; i < 40; ++i) rate.refused(now, now, 502);
  CHECK(rate.spacing() == Rate::longest);
  Rate gateways;
  for (int i = 0; i < 40; ++i) gateways.refused(now, now, 504);
  CHECK(gateways.spacing() == Rate::longest_of_gateway);
}

}  // namespace kinto_mirror::kinto
