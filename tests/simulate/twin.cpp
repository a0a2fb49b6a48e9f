#include "twin.hpp"

#include "network.hpp"
#include "process.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::simulate {

namespace {

constexpr Millis patience{120'000};

// Nothing is to be written but what the daemon must find on the other side, and that is its own.
class Doorkeeper final : public Witness {
 public:
  void sent(Site&, const http::Request&, Run) override {}
  void answered(Site&, const http::Response&, Run) override {}
  http::Response carry_out(Site& site, const http::Request& request, Run) override {
    return site.kinto().answer(request);
  }
};

class Listener final : public sync::Observer {
 public:
  explicit Listener(const Trace& trace) : trace_(trace) {}
  void containers_done(const std::string&, const sync::ContainersReport&) override {}
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override {
    said_in_sync_ = said_in_sync_ || report.state == sync::State::in_sync;
    trace_.add([&] {
      return replica + " " + report.id.str() + " " + std::string(to_string(report.state));
    });
  }
  void quarantined(const std::string&, const CollectionId&, const sync::Refusal&) override {}
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string& replica, const Error& error, Millis) override {
    trace_.add([&] { return replica + " " + error.message; });
  }
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string& replica, const CollectionId& id,
              std::string_view message) override {
    trace_.add([&] { return replica + " " + id.str() + " " + std::string(message); });
  }
  [[nodiscard]] bool said_in_sync() const noexcept { return said_in_sync_; }

 private:
  const Trace& trace_;
  bool said_in_sync_ = false;
};

class TwinWorld {
 public:
  TwinWorld(const Scenario& scenario, Random& random, bool trace)
      : scenario_(scenario),
        random_(random),
        trace_(timeline_, trace),
        server_("master", scenario.master.kinto, timeline_, scenario.master.wrong_by),
        network_(timeline_, random_, doorkeeper_, trace_, scenario.latency),
        listener_(trace_),
        around_{timeline_, network_, server_, others_, scenario_.sync, true} {}

  Verdict run() {
    verdict_.scenario = describe(scenario_);
    trace_.add([&] { return verdict_.scenario; });
    begin();
    const auto before = contents();
    try {
      const bool follows = random_.percent(50);
      Process process(around_, 1, follows ? Process::Command::follow : Process::Command::once,
                      Millis{0}, listener_);
      run_until_ended(process);
      judge(process, follows);
    } catch (const std::exception& bug) {
      fail(std::string("bug: an exception: ") + bug.what());
    }
    if (contents() != before) fail("P10: something of the master's has changed");
    if (server_.kinto().store().live({"", "bucket"}, "kinto-mirror") != nullptr) {
      fail("P10: a bucket `kinto-mirror` is left on the master");
    }
    verdict_.requests = network_.requests();
    verdict_.virtual_ms = timeline_.now().time_since_epoch().count() - 1'000'000;
    return verdict_;
  }

 private:
  void begin() {
    for (const CollectionId& id : scenario_.collections) {
      server_.provide(id, "write");
      for (std::int64_t i = 0; i < scenario_.records; ++i) {
        const std::string n = std::to_string(i);
        server_.admin("PUT", records_of(id) + "/r" + n, R"({"data":{"n":)" + n + "}}");
      }
    }
  }

  [[nodiscard]] std::vector<std::pair<std::string, model::Epoch>> contents() {
    std::vector<std::pair<std::string, model::Epoch>> out;
    for (const auto& [place, shelf] : server_.kinto().store().shelves()) {
      if (place.parent.starts_with("/buckets/kinto-mirror")) continue;
      for (const auto& [id, object] : shelf.objects) {
        if (id != "kinto-mirror") out.emplace_back(place.parent + " " + id, object.stamp);
      }
    }
    return out;
  }

  void run_until_ended(Process& process) {
    const Instant end = timeline_.now() + patience;
    do {
      while (process.step()) {
      }
    } while (!process.ended() && timeline_.step(end));
  }

  void judge(const Process& process, bool follows) {
    if (listener_.said_in_sync()) fail("P8: a server is said to be in sync with itself");
    if (!process.ended()) return fail("P10: the daemon works on, between a server and itself");
    if (follows) return;
    const Error* const error = process.report().worst_error();
    if (process.report().in_sync())
      fail("P8: run --once says that a server is in sync with itself");
    if (error == nullptr || error->code != Errc::config) {
      fail("P10: run --once does not say what is wrong with the configuration");
    }
  }

  void fail(const std::string& what) {
    if (verdict_.failure) return;
    verdict_.failure = what;
    trace_.add([&] { return "FAILED " + what; });
  }

  const Scenario& scenario_;
  Random& random_;
  Timeline timeline_;
  Trace trace_;
  Site server_;
  std::vector<std::unique_ptr<Site>> others_;
  Doorkeeper doorkeeper_;
  Network network_;
  Listener listener_;
  Surroundings around_;
  Verdict verdict_;
};

}  // namespace

Verdict simulate_twin(const Scenario& scenario, Random& random, bool trace) {
  TwinWorld world(scenario, random, trace);
  return world.run();
}

}  // namespace kinto_mirror::simulate
