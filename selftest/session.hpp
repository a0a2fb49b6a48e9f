#pragma once
// One run of the self-test: what its scenarios share.

#include "selftest/cases.hpp"
#include "selftest/interrupt.hpp"
#include "selftest/litter.hpp"
#include "selftest/results.hpp"
#include "selftest/selftest.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// The scenario cannot be judged.
class Skipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Collects the results, and prints each as it comes. REQUIRES: one at a time.
class Session final : public CaseListener {
 public:
  Session(const Settings& settings, std::uint64_t seed, const Interrupt& interrupt,
          std::ostream& out);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] const Interrupt& interrupt() const noexcept { return interrupt_; }
  [[nodiscard]] Litter& litter() noexcept { return litter_; }
  // The name of the scenario that runs now.
  [[nodiscard]] const std::string& scenario() const noexcept { return current_.name; }
  [[nodiscard]] const std::vector<ScenarioResult>& results() const noexcept { return results_; }

  // Throws when there is no sense in beginning another scenario.
  void admit();
  // Ends the scenario that runs now, by an exception: it cannot be judged, and is told as skipped.
  [[noreturn]] void skip(const std::string& why);
  // A server cannot be reached any more: the scenarios to come are skipped. The one that found out
  // is to fail.
  void lose(std::string why) { lost_ = std::move(why); }

  void began(const std::string& name) override;
  void assertion_failed(std::string details) override;
  void threw(std::string what) override;
  void ended(double seconds) override;

 private:
  const Settings& settings_;
  std::uint64_t seed_;
  const Interrupt& interrupt_;
  std::ostream& out_;
  Litter litter_;
  std::optional<std::string> lost_;
  std::optional<std::string> skipped_;  // why the one that runs now is
  std::vector<ScenarioResult> results_;
  ScenarioResult current_;
};

// The session under way: doctest passes its cases nothing.
Session& session();

}  // namespace kinto_mirror::selftest
