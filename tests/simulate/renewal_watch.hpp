#pragma once
// Who watches the six weeks of renewals: what the daemon asks, what it tells, and what that costs.

#include "network.hpp"
#include "sync/observer.hpp"
#include "trace.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace kinto_mirror::simulate {

class RequestCounter final : public Witness {
 public:
  explicit RequestCounter(const Site& master) : master_(master) {}
  void sent(Site&, const http::Request&, Run) override { ++requests_; }
  void answered(Site&, const http::Response&, Run) override {}
  http::Response carry_out(Site& site, const http::Request& request, Run) override {
    const std::uint64_t before = site.store().revision();
    http::Response response = site.kinto().answer(request);
    if (&site == &master_ && site.store().revision() != before) wrote_to_master_ = true;
    return response;
  }
  [[nodiscard]] std::int64_t requests() const noexcept { return requests_; }
  [[nodiscard]] bool wrote_to_master() const noexcept { return wrote_to_master_; }

 private:
  const Site& master_;
  std::int64_t requests_ = 0;
  bool wrote_to_master_ = false;
};

// Once all was in sync, nothing may be told to be otherwise.
class CalmListener final : public sync::Observer {
 public:
  explicit CalmListener(const Trace& trace) : trace_(trace) {}
  void containers_done(const std::string&, const sync::ContainersReport& report) override {
    told("containers", report.state);
  }
  void pass_done(const std::string&, const sync::CollectionReport& report) override {
    told(report.id.str(), report.state);
  }
  void quarantined(const std::string&, const CollectionId& id, const sync::Refusal&) override {
    told(id.str() + " refuses a record", sync::State::degraded);
  }
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string&, const Error& error, Millis) override {
    told(error.message, sync::State::failed);
  }
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string&, const CollectionId& id, std::string_view message) override {
    trace_.add([&] { return id.str() + " " + std::string(message); });
  }
  // From now on.
  void expect_calm(bool calm) noexcept { calm_ = calm; }
  [[nodiscard]] const std::optional<std::string>& out_of_sync() const noexcept { return first_; }

 private:
  void told(const std::string& what, sync::State state) {
    trace_.add([&] { return what + " " + std::string(to_string(state)); });
    if (calm_ && state != sync::State::in_sync && !first_) {
      first_ = what + " is told to be " + std::string(to_string(state));
    }
  }
  const Trace& trace_;
  bool calm_ = false;
  std::optional<std::string> first_;
};

// By what happened in an hour, its requests tell what that costs.
class RenewalCosts {
 public:
  static constexpr Millis hour{3'600'000};

  RenewalCosts(Timeline& timeline, const RequestCounter& counter)
      : timeline_(timeline), counter_(counter) {}

  // Measures anew, hour by hour up to `end`.
  void begin(Millis interval, Instant end) {
    interval_ = interval;
    hours_ = {};
    least_in_rounds_ = INT64_MAX;
    measure_hours(end);
  }
  void renewed() noexcept { renewed_ = true; }
  void changed() noexcept { changed_ = true; }

  [[nodiscard]] double per_round() const {
    return static_cast<double>(least_in_rounds_) / some_rounds;
  }
  // More than the rounds, in an hour in which all is compared once.
  [[nodiscard]] double per_audit() const {
    return mean(Kind::quiet) - per_round() * static_cast<double>(hour / interval_);
  }
  // More than such an hour.
  [[nodiscard]] double per_renewal() const { return mean(Kind::with_renewal) - mean(Kind::quiet); }

 private:
  static constexpr int some_rounds = 12;
  enum class Kind { quiet, with_renewal, with_change };
  struct Hours {
    std::int64_t count = 0;
    std::int64_t requests = 0;
  };

  [[nodiscard]] double mean(Kind kind) const {
    const auto found = hours_.find(kind);
    if (found == hours_.end()) return 0;
    return static_cast<double>(found->second.requests) / static_cast<double>(found->second.count);
  }

  void measure_hours(Instant end) {
    if (timeline_.now() + hour > end) return;
    measure_rounds();
    timeline_.after(hour, [this, end, before = counter_.requests()] {
      const Kind kind = changed_ ? Kind::with_change : renewed_ ? Kind::with_renewal : Kind::quiet;
      Hours& hours = hours_[kind];
      ++hours.count;
      hours.requests += counter_.requests() - before;
      renewed_ = changed_ = false;
      measure_hours(end);
    });
  }

  // Some that follow each other, mostly with nothing to be compared.
  void measure_rounds() {
    timeline_.after(hour / 4, [this] {
      timeline_.after(some_rounds * interval_, [this, before = counter_.requests()] {
        least_in_rounds_ = std::min(least_in_rounds_, counter_.requests() - before);
      });
    });
  }

  Timeline& timeline_;
  const RequestCounter& counter_;
  Millis interval_{0};
  std::map<Kind, Hours> hours_;
  std::int64_t least_in_rounds_ = INT64_MAX;
  bool renewed_ = false;
  bool changed_ = false;
};

}  // namespace kinto_mirror::simulate
