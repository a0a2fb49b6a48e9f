#pragma once
// A master and a replica in scripts, with all that a pass needs, for the tests of this floor.

#include "kinto/test_fakes.hpp"
#include "sync/test_context.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace kinto_mirror::sync::test {

class Silent final : public Observer {
 public:
  void containers_done(const std::string&, const ContainersReport&) override {}
  void pass_done(const std::string&, const CollectionReport&) override {}
  void quarantined(const std::string&, const CollectionId&, const Refusal&) override {}
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string&, const Error&, Millis) override {}
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string&, const CollectionId&, std::string_view) override {}
};

// Servers and passes share one clock and one wish to stop.
class Pair {
 public:
  Pair() : Pair(Options()) {}
  explicit Pair(Options given) : options(std::move(given)) {}

  // Awaits `work(context)`, then whatever it left in the background.
  template <class T, class Work>
  T run(Work work) {
    return run_with<T>(*this, std::move(work));
  }

  [[nodiscard]] PassContext context(TaskGroup& background) {
    return {master.server, replica.server, options, clock, stop, background, observer_, traits};
  }

  void wait(Millis time) { CHECK(kinto::test::run(let_pass(time))); }

  kinto::test::Bench master;
  kinto::test::Bench replica;
  kinto::test::FakeClock& clock = replica.clock;
  Stop& stop = replica.stop;
  Options options;
  ReplicaTraits traits;

 private:
  Task<bool> let_pass(Millis time) {
    co_await clock.sleep(time, stop);
    co_return true;
  }

  Silent observer_;
};

}  // namespace kinto_mirror::sync::test
