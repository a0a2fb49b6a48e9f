#include "selftest/mirror.hpp"

#include "selftest/connect.hpp"
#include "selftest/loop.hpp"
#include "selftest/tap.hpp"
#include "sync/decide/scope.hpp"
#include "sync/run/engine.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

// Between two looks at what a following engine has done.
constexpr Millis glance{50};

std::string tree_of(const sync::ContainersReport& report) {
  std::string out(sync::to_string(report.state));
  if (report.error) out += ": " + report.error->message;
  for (const sync::ContainerDifference& one : report.differences) {
    out += "; " + one.id + ": " + std::string(sync::to_string(one.kind)) + ", " + one.reason;
  }
  return out;
}

class Listener final : public sync::Observer {
 public:
  void containers_done(const std::string& /*replica*/,
                       const sync::ContainersReport& report) override {
    if (report.state != sync::State::in_sync) trouble_ = tree_of(report);
  }
  void pass_done(const std::string& /*replica*/, const sync::CollectionReport& report) override {
    if (report.error) trouble_ = report.error->message;
  }
  void quarantined(const std::string& /*replica*/, const CollectionId& id,
                   const sync::Refusal& refusal) override {
    trouble_ = id.str() + "/" + refusal.id + " is refused: " + refusal.reason;
  }
  void round_failed(const std::string& /*replica*/, const Error& error, Millis /*next*/) override {
    trouble_ = error.message;
  }
  void progress(const std::string& /*replica*/, const CollectionId& /*id*/, std::int64_t /*done*/,
                std::int64_t /*all*/) override {}
  void round_worked(const std::string& /*replica*/, std::size_t /*collections*/) override {}
  void notice(const std::string& /*replica*/, const CollectionId& /*id*/,
              std::string_view /*message*/) override {}

  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

 private:
  std::string trouble_;
};

std::string outcome_of(const sync::CollectionReport& report) {
  std::string out(sync::to_string(report.state));
  if (report.error) out += ": " + report.error->message;
  if (!report.quarantined.empty()) out += ": " + report.quarantined.front().reason;
  return out;
}

void read_report(const sync::RunReport& run, Pass& pass) {
  const sync::ReplicaReport& replica = run.replicas.front();
  pass.containers = replica.containers;
  if (!replica.collections.empty()) {
    pass.report = replica.collections.front();
    pass.outcome = outcome_of(pass.report);
  }
  if (replica.error) pass.outcome = "failed: " + replica.error->message;
  if (pass.outcome.empty()) pass.outcome = "no collection in scope";
}

}  // namespace

std::string Pass::written() const {
  std::string out;
  for (const std::string& write : master_writes) out += "master: " + write + "\n";
  for (const std::string& write : replica_writes) out += "replica: " + write + "\n";
  return out;
}

std::string Pass::tree() const {
  const bool well = containers.state == sync::State::in_sync;
  return well ? "in-sync" : tree_of(containers);
}

struct Mirror::Impl {
  Impl(const Settings& settings, const Interrupt& interrupt_, sync::Options options, Taps taps_,
       Millis limit)
      : interrupt(interrupt_),
        taps(std::move(taps_)),
        loop(&interrupt_, limit),
        master(connect(settings.master, settings.user_agent, loop, clock, &master_wire)),
        replica(connect(settings.replica, settings.user_agent, loop, clock, &replica_wire)),
        engine(std::move(options), *master, {replica.get()}, clock, loop.stop(), listener) {
    set_up(master_wire, taps.master);
    set_up(replica_wire, taps.replica);
    loop.on_abort([this] {
      master->abort();
      replica->abort();
    });
  }

  void set_up(Wire& wire, const Taps::Hook& hook) {
    wire.page_limit = taps.page_limit;
    if (!hook) return;
    wire.before = [this, &hook](const http::Request& request) { hook(request, loop.stop()); };
  }

  void read_wires(Pass& pass) {
    pass.master_writes = std::move(master_wire.writes);
    const std::string own = "/buckets/" + std::string(sync::checkpoint_bucket);
    for (std::string& write : replica_wire.writes) {
      const bool is_own = write.find(own) != std::string::npos;
      (is_own ? pass.checkpoint_writes : pass.replica_writes).push_back(std::move(write));
    }
    pass.master_pages = master_wire.record_pages;
    for (const Wire* wire : {&master_wire, &replica_wire}) {
      if (wire->error) std::rethrow_exception(wire->error);
    }
  }

  const Interrupt& interrupt;
  Taps taps;
  Wire master_wire;
  Wire replica_wire;
  SystemClock clock;
  Loop loop;
  std::unique_ptr<kinto::Server> master;
  std::unique_ptr<kinto::Server> replica;
  Listener listener;
  sync::Engine engine;
  std::shared_ptr<Loop::Run> following;
};

Mirror::Mirror(const Settings& settings, const Interrupt& interrupt, sync::Options options,
               Taps taps, Millis limit)
    : impl_(std::make_unique<Impl>(settings, interrupt, std::move(options), std::move(taps),
                                   limit)) {}

Mirror::~Mirror() {
  if (impl_->following) impl_->loop.end(*impl_->following);
}

Pass Mirror::once() {
  Pass pass;
  const sync::RunReport run = impl_->loop.run(impl_->engine.once());
  read_report(run, pass);
  impl_->read_wires(pass);
  return pass;
}

void Mirror::follow() {
  impl_->following = impl_->loop.start(impl_->engine.follow());
}

bool Mirror::follows_until(const std::function<bool()>& holds, Millis bound) {
  const auto deadline = std::chrono::steady_clock::now() + bound;
  const Loop::Run& run = *impl_->following;
  while (!holds()) {
    if (run.error) std::rethrow_exception(run.error);
    if (impl_->interrupt.requested()) throw Interrupted();
    if (run.done || std::chrono::steady_clock::now() >= deadline) return false;
    impl_->loop.turn(run, glance);
  }
  return true;
}

const std::string& Mirror::trouble() const {
  return impl_->listener.trouble();
}

}  // namespace kinto_mirror::selftest
