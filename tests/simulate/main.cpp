// simulate --seeds A..B: replication in so many hostile worlds, and what they brought to light.

#include "world.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace kinto_mirror::simulate;  // a program of its own

struct Flags {
  std::uint64_t first = 0;
  std::uint64_t last = 99;
  unsigned jobs = 1;
  bool trace = false;
  bool keep_going = false;
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

bool parse(int count, char** words, Flags& flags) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const std::string_view next = i + 1 < count ? words[i + 1] : "";
    if (word == "--trace") {
      flags.trace = true;
    } else if (word == "--keep-going") {
      flags.keep_going = true;
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
  Verdict all;

  void add(std::uint64_t seed, const Verdict& verdict, bool trace) {
    ++seeds;
    for (const auto& [fault, count] : verdict.faults) all.faults[fault] += count;
    all.requests += verdict.requests;
    all.crashes += verdict.crashes;
    all.writes += verdict.writes;
    all.virtual_ms += verdict.virtual_ms;
    all.readers += verdict.readers;
    if (!verdict.failure) return;
    ++failures;
    std::printf("FAILED %s\n  %s\n", verdict.failure->c_str(), verdict.scenario.c_str());
    if (!trace) {
      std::printf("  replay: simulate --seeds %llu --trace\n",
                  static_cast<unsigned long long>(seed));
    }
  }
};

void print(const Sum& sum, double seconds) {
  const Verdict& all = sum.all;
  std::printf("faults:");
  for (const auto& [fault, count] : all.faults) {
    std::printf(" %s %lld", std::string(name_of(fault)).c_str(), static_cast<long long>(count));
  }
  std::printf("\n%lld requests, %lld writes to masters, %lld crashes, %lld readers, %.1f days of "
              "virtual time\n",
              static_cast<long long>(all.requests), static_cast<long long>(all.writes),
              static_cast<long long>(all.crashes), static_cast<long long>(all.readers),
              static_cast<double>(all.virtual_ms) / 86'400'000);
  std::printf("%lld seeds in %.1f s (%.1f a second), %lld failed\n",
              static_cast<long long>(sum.seeds), seconds,
              static_cast<double>(sum.seeds) / seconds, static_cast<long long>(sum.failures));
}

}  // namespace

int main(int count, char** words) {
  Flags flags;
  if (!parse(count, words, flags)) {
    std::fprintf(stderr,
                 "usage: simulate [--seeds A..B] [--jobs N] [--trace] [--keep-going]\n");
    return 64;
  }
  const auto begin = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next = flags.first;
  std::mutex lock;
  Sum sum;
  const auto work = [&] {
    for (std::uint64_t seed = next++; seed <= flags.last; seed = next++) {
      const Verdict verdict = simulate(seed, flags.trace);
      const std::lock_guard guard(lock);
      if (sum.failures > 0 && !flags.keep_going) return;
      sum.add(seed, verdict, flags.trace);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < flags.jobs; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  print(sum, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return sum.failures == 0 ? 0 : 1;
}
