// simulate --seeds A..B: replication in so many hostile worlds, and what they brought to light.
// simulate --renewals: six weeks of signatures that are renewed.
// simulate --mutants: whether it would find out, for each of some mistakes.

#include "coverage.hpp"
#include "mutant.hpp"
#include "renewals.hpp"
#include "world.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace kinto_mirror::simulate;  // a program of its own

struct KnownMutant {
  std::string_view name;
  std::uint64_t seeds;  // within so many it must be found out
};

constexpr KnownMutant known_mutants[] = {
#include "known_mutants.inc"
};

struct Flags {
  std::uint64_t first = 0;
  std::uint64_t last = 99;
  unsigned jobs = 1;
  bool trace = false;
  bool keep_going = false;
  bool mutants = false;
  bool renewals = false;
  std::string_view mutant;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool parse_seeds(std::string_view text, Flags& flags) {
  const std::size_t dots = text.find("..");
  const auto first = number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : number(text.substr(dots + 2));
  if (!first || !last || *first > *last) return false;
  flags.first = *first;
  flags.last = *last;
  return true;
}

bool is_known(std::string_view mutant) {
  return std::ranges::any_of(known_mutants,
                             [mutant](const KnownMutant& known) { return known.name == mutant; });
}

bool parse(int count, char** words, Flags& flags) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const std::string_view next = i + 1 < count ? words[i + 1] : "";
    if (word == "--trace") {
      flags.trace = true;
    } else if (word == "--keep-going") {
      flags.keep_going = true;
    } else if (word == "--mutants") {
      flags.mutants = true;
    } else if (word == "--renewals") {
      flags.renewals = true;
    } else if (word == "--mutant" && is_known(next)) {
      flags.mutant = next;
      ++i;
    } else if (word == "--seeds" && parse_seeds(next, flags)) {
      ++i;
    } else if (word == "--jobs" && number(next).value_or(0) > 0) {
      flags.jobs = static_cast<unsigned>(*number(next));
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

struct Sum {
  std::int64_t seeds = 0;
  std::int64_t failures = 0;
  std::uint64_t first_failed = 0;  // the lowest seed
  std::string first_failure;
  Verdict all;

  void add(std::uint64_t seed, const Verdict& verdict) {
    ++seeds;
    for (const auto& [fault, count] : verdict.faults) all.faults[fault] += count;
    all.requests += verdict.requests;
    all.crashes += verdict.crashes;
    all.writes += verdict.writes;
    all.virtual_ms += verdict.virtual_ms;
    all.readers += verdict.readers;
    if (!verdict.failure) return;
    if (failures++ > 0 && first_failed < seed) return;
    first_failed = seed;
    first_failure = *verdict.failure;
  }
};

using Tell = std::function<void(std::uint64_t, const Verdict&)>;

// Runs the seeds in so many threads; a world of one seed has its own everything.
Sum run(const Flags& flags, const Tell& tell) {
  std::atomic<std::uint64_t> next = flags.first;
  std::mutex lock;
  Sum sum;
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed <= flags.last; seed = next++) {
      begins(seed);
      const Verdict verdict = simulate(seed, flags.trace);
      const std::lock_guard guard(lock);
      if (sum.failures > 0 && !flags.keep_going) return;
      sum.add(seed, verdict);
      tell(seed, verdict);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < flags.jobs; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return sum;
}

void print_branches() {
  const std::vector<Branch> branches = classifier_branches();
  const auto taken =
      std::ranges::count_if(branches, [](const Branch& one) { return one.taken > 0; });
  std::cout << "answer classifier: " << taken << " of " << branches.size() << " branches taken";
  for (const Branch& branch : branches) {
    if (branch.taken == 0) std::cout << "; never: " << branch.name;
  }
  std::cout << '\n';
}

void print(const Sum& sum, double seconds) {
  const Verdict& all = sum.all;
  std::cout << "faults:";
  for (const auto& [fault, count] : all.faults) std::cout << ' ' << name_of(fault) << ' ' << count;
  std::cout << '\n';
  print_branches();
  std::cout << all.requests << " requests, " << all.writes << " writes to masters, " << all.crashes
            << " crashes, " << all.readers << " readers, " << all.virtual_ms / 3'600'000
            << " h of virtual time\n"
            << sum.seeds << " seeds in " << std::lround(seconds) << " s ("
            << std::lround(static_cast<double>(sum.seeds) / seconds) << " a second), "
            << sum.failures << " failed\n";
}

int run_seeds(const Flags& flags) {
  const auto begin = std::chrono::steady_clock::now();
  const Sum sum = run(flags, [&flags](std::uint64_t seed, const Verdict& verdict) {
    if (!verdict.failure) return;
    std::cout << "FAILED " << *verdict.failure << "\n  " << verdict.scenario << '\n';
    if (!flags.trace) std::cout << "  replay: simulate --seeds " << seed << " --trace\n";
    std::cout.flush();
  });
  print(sum, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  // So many worlds must have seen everything that a server can answer.
  constexpr std::int64_t many = 2'000;
  const bool blind =
      sum.seeds >= many &&
      std::ranges::any_of(classifier_branches(), [](const Branch& one) { return one.taken == 0; });
  if (blind) std::cout << "FAILED to reach every branch of the answer classifier\n";
  return sum.failures == 0 && !blind ? 0 : 1;
}

int run_renewals(bool trace) {
  const Renewals told = simulate_renewals(trace);
  std::cout << told.renewals << " renewals and " << told.changes << " changes in " << told.rounds
            << " rounds, " << told.requests << " requests: " << told.per_round
            << " a round at rest, " << told.per_audit << " more in an hour with its audits, "
            << told.per_renewal << " more for a renewal\n";
  if (told.failure) std::cout << "FAILED " << *told.failure << '\n';
  return told.failure ? 1 : 0;
}

// Every mutant must be found out.
int run_mutants(Flags flags) {
  int missed = 0;
  for (const KnownMutant& mutant : known_mutants) {
    break_daemon(mutant.name);
    flags.first = 0;
    flags.last = mutant.seeds - 1;
    const Sum sum = run(flags, [](std::uint64_t, const Verdict&) {});
    std::cout << mutant.name << ": ";
    // Not by a mistake that is there anyway.
    break_daemon("");
    begins(sum.first_failed);
    const bool guilty = sum.failures > 0 && !simulate(sum.first_failed, false).failure;
    if (guilty) {
      std::cout << "found out by seed " << sum.first_failed << " of " << mutant.seeds << ": "
                << sum.first_failure.substr(0, 100) << std::endl;
    } else {
      ++missed;
      std::cout << "NOT found out in " << mutant.seeds << " seeds" << std::endl;
    }
  }
  std::cout << std::size(known_mutants) - static_cast<std::size_t>(missed) << " of "
            << std::size(known_mutants) << " mutants found out\n";
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  Flags flags;
  if (!parse(count, words, flags)) {
    std::cerr << "usage: simulate [--seeds A..B] [--jobs N] [--keep-going] [--trace] "
                 "[--mutant NAME]\n       simulate --mutants [--jobs N]\n       simulate "
                 "--renewals [--trace]\n";
    return 64;
  }
  if (flags.mutants) return run_mutants(flags);
  if (flags.renewals) return run_renewals(flags.trace);
  break_daemon(flags.mutant);
  return run_seeds(flags);
}
