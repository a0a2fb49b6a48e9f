#pragma once
// A daemon of a simulated world, and who listens to what it tells.

#include "judge.hpp"
#include "process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::simulate {

// What one daemon tells, whichever of its runs.
class Ear final : public sync::Observer {
 public:
  Ear(Judge& judge, const Trace& trace) : judge_(judge), trace_(trace) {}
  void now_hears(Run run) noexcept { run_ = run; }

  void containers_done(const std::string& replica, const sync::ContainersReport& report) override {
    judge_.containers_done(run_, replica, report);
    std::string told = replica + " containers " + std::string(to_string(report.state)) + " +" +
                       std::to_string(report.written.created) + " ~" +
                       std::to_string(report.written.updated) + " -" +
                       std::to_string(report.written.deleted);
    for (const auto& one : report.differences) {
      told += "; " + one.id + " " + std::string(to_string(one.kind)) + ": " + one.reason;
    }
    tell(report.error ? told + " " + report.error->message : told);
  }
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override {
    judge_.pass_done(run_, replica, report);
  }
  void quarantined(const std::string& replica, const CollectionId& id,
                   const sync::Refusal& refusal) override {
    judge_.quarantined(replica, id);
    tell(replica + " " + id.str() + "/" + refusal.id +
         " is refused: " + std::to_string(refusal.status) + " " + refusal.reason);
  }
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string& replica, const Error& error, Millis next) override {
    tell(replica + " " + error.message + "; next try in " + std::to_string(next.count()) + " ms");
  }
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string& replica, const CollectionId& id,
              std::string_view message) override {
    tell(replica + " " + id.str() + " " + std::string(message));
  }

 private:
  void tell(const std::string& what) const {
    trace_.add([&] { return "run " + std::to_string(run_) + ": " + what; });
  }
  Judge& judge_;
  const Trace& trace_;
  Run run_ = 0;
};

struct Daemon {
  explicit Daemon(Judge& judge, const Trace& trace) : ear(judge, trace) {}
  Ear ear;
  Millis clock_wrong_by{0};
  sync::Shard shard;
  Run run = 0;
  std::unique_ptr<Process> process;
  std::int64_t dies_after = 0;  // steps; 0: it lives
};

}  // namespace kinto_mirror::simulate
