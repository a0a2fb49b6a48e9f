#include "world.hpp"

#include "bounds.hpp"
#include "judge.hpp"
#include "people.hpp"
#include "process.hpp"
#include "reader.hpp"
#include "twin.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

namespace kinto_mirror::simulate {

namespace {

// The longest that a request of before the peace may still be under way.
constexpr Millis stragglers{155'000};
// Waits between two tries, at most a minute, and a server's Retry-After.
constexpr Millis slack{150'000};
// Extras that one audit can hold, and so remove: `max_pending`, as mutants.py sets it.
constexpr std::int64_t held_extras = 15;

// What one daemon tells, whichever of its runs.
class Ear final : public sync::Observer {
 public:
  Ear(Judge& judge, const Trace& trace) : judge_(judge), trace_(trace) {}
  void now_hears(Run run) noexcept { run_ = run; }

  void containers_done(const std::string& replica, const sync::ContainersReport& report) override {
    judge_.containers_done(replica, report);
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
  void progress(const CollectionId&, std::int64_t, std::int64_t) override {}
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
  std::unique_ptr<Process> process;
  std::int64_t dies_after = 0;  // steps; 0: it lives
};

class World {
 public:
  World(Scenario scenario, const Random& random, bool trace)
      : random_(random),
        scenario_(std::move(scenario)),
        trace_(timeline_, trace),
        master_("master", scenario_.master.kinto, timeline_, scenario_.master.wrong_by),
        replicas_(make_replicas()),
        judge_(timeline_, scenario_, master_, replicas_, history_, trace_),
        network_(timeline_, random_, judge_, trace_, scenario_.latency),
        people_(timeline_, random_, scenario_, master_, replicas_, history_, judge_, trace_),
        around_{timeline_, network_, master_, replicas_, scenario_.sync} {
    for (int i = 0; i < scenario_.daemons; ++i) {
      daemons_.push_back(std::make_unique<Daemon>(judge_, trace_));
    }
    for (const auto& replica : replicas_) {
      for (const CollectionId& id : scenario_.collections)
        readers_.emplace_back(*replica, id, history_);
    }
  }

  Verdict run() {
    verdict_.scenario = describe(scenario_);
    trace_.add([&] { return verdict_.scenario; });
    if (scenario_.odd_stamps || scenario_.clocks) history_.stamps_run_ahead();
    if (scenario_.sees_buckets) {
      master_.kinto().options().bucket_read_principals = {master_.daemons_principal()};
    }
    try {
      people_.begin();
      storm();
      converge();
      rest();
      hear_a_last_word();
      say_so();
      end();
    } catch (const std::exception& bug) {
      judge_.fail("bug", std::string("an exception: ") + bug.what());
    }
    verdict_.failure = judge_.failure();
    verdict_.faults = network_.met();
    verdict_.requests = network_.requests();
    verdict_.virtual_ms = timeline_.now().time_since_epoch().count() - 1'000'000;
    return verdict_;
  }

 private:
  std::vector<std::unique_ptr<Site>> make_replicas() {
    std::vector<std::unique_ptr<Site>> out;
    for (const SiteOptions& site : scenario_.replicas) {
      out.push_back(std::make_unique<Site>("replica-" + std::to_string(out.size() + 1), site.kinto,
                                           timeline_, site.wrong_by));
    }
    return out;
  }

  void storm() {
    const Instant end = timeline_.now() + scenario_.storm;
    network_.set_faults(scenario_.faults, scenario_.fault_percent);
    for (const auto& daemon : daemons_) {
      timeline_.after(Millis{random_.below(10'000)}, [this, &daemon] { start(*daemon); });
    }
    every(scenario_.between_writes, end, [this] {
      ++verdict_.writes;
      people_.write();
    });
    if (scenario_.resets) every(Millis{40'000}, end, [this] { people_.reset(); });
    if (scenario_.meddling) every(Millis{10'000}, end, [this] { people_.meddle(); });
    if (scenario_.rights) every(Millis{60'000}, end, [this] { people_.change_rights(); });
    if (scenario_.clocks) every(Millis{40'000}, end, [this] { move_clocks(); });
    if (scenario_.comebacks) every(Millis{40'000}, end, [this] { people_.come_back(); });
    if (scenario_.containers) {
      every(scenario_.between_container_writes, end, [this] {
        ++container_writes_;
        people_.write_container();
      });
    }
    if (scenario_.deleted_containers) {
      every(Millis{40'000}, end, [this] { people_.delete_container(); });
    }
    if (scenario_.drift) every(Millis{30'000}, end, [this] { people_.drift(); });
    if (scenario_.losses) every(Millis{20'000}, end, [this] { people_.lose(); });
    if (scenario_.imports) every(Millis{30'000}, end, [this] { people_.import(); });
    if (scenario_.reconfigured) every(Millis{60'000}, end, [this] { reconfigure(); });
    put_up_front_ends();
    every(Millis{50'000}, end, [this] {
      if (scenario_.follow_alone) return;
      const auto& daemon = random_.pick(daemons_);
      if (daemon->process && random_.percent(30)) daemon->process->audit_now();
    });
    if (scenario_.readers_are_safe()) every(Millis{4'000}, Instant::max(), [this] { read(); });
    run_until(end);
    std::int64_t faults = 0;
    std::int64_t requests = network_.requests();
    for (const auto& [fault, times] : network_.met()) {
      (fault == Fault::limited ? requests : faults) += fault == Fault::limited ? -times : times;
    }
    Events events;
    events.changes = std::max(verdict_.writes, history_.changes());
    events.faults = faults;
    events.starts = last_run_;
    events.container_writes = container_writes_;
    const std::int64_t allowed = allowed_in_storm(scenario_, events);
    if (requests > allowed) {
      judge_.fail(
          "P7", std::to_string(requests) + " requests in the storm, of " + std::to_string(allowed));
    }
  }

  void put_up_front_ends() {
    if (const auto& cache = scenario_.cache) {
      const auto put = [&](const Site& site) {
        network_.put_before(site, Cache(*cache), cache->shows, cache->percent);
      };
      if (cache->master) put(master_);
      for (const auto& replica : replicas_) {
        if (cache->replicas) put(*replica);
      }
    }
    if (const auto& limiter = scenario_.limiter) {
      timeline_.after(limiter->from, [this] { put_up_limiters(*scenario_.limiter); });
      timeline_.after(limiter->until, [this] { take_limiters_away(); });
    }
    if (const auto& lock = scenario_.lock) {
      const std::string records = records_of(scenario_.collections.front()) + "/" + lock->records;
      timeline_.after(lock->from, [this, records] {
        for (const auto& replica : replicas_) network_.lock(*replica, records);
      });
      timeline_.after(lock->until, [this] { network_.unlock_all(); });
    }
  }

  void put_up_limiters(const LimiterOptions& limiter) {
    starts_ = scenario_.daemons;
    if (limiter.master) network_.put_before(master_, Limiter(limiter));
    for (const auto& replica : replicas_) {
      if (limiter.replicas) network_.put_before(*replica, Limiter(limiter));
    }
  }

  void take_limiters_away() {
    const std::int64_t allowed = allowed_by_limiter(*scenario_.limiter, starts_);
    for (const std::int64_t asked : network_.take_limiters_away()) {
      if (asked <= allowed) continue;
      judge_.fail("P7", std::to_string(asked) + " requests to a server behind a limiter, of " +
                            std::to_string(allowed));
    }
  }

  // Somebody edits the configuration while the daemons are away.
  void reconfigure() {
    change_options(draw_other_options(scenario_, random_));
    for (const auto& daemon : daemons_) {
      const Millis away{random_.percent(50) ? random_.below(5'000) : random_.below(120'000)};
      timeline_.after(away, [this, &daemon] {
        if (!daemon->process) start(*daemon);
      });
    }
  }

  void change_options(const sync::Options& options) {
    for (const auto& daemon : daemons_) daemon->process.reset();
    judge_.reconfigured(scenario_.sync);
    scenario_.sync = options;
    trace_.add([&] {
      std::string scope;
      for (const std::string& glob : options.collections) scope += " " + glob;
      return std::string("* the daemons are configured anew: extras=") +
             (options.extras == sync::Extras::keep ? "keep" : "delete") + ", overlap " +
             std::to_string(options.overlap.count() / 1000) + " s, audits each " +
             std::to_string(options.audit_interval.count() / 1000) + " s, scope" + scope;
    });
  }

  // Calls `what` again and again, on average each `time`.
  void every(Millis time, Instant end, const std::function<void()>& what) {
    timeline_.after(Millis{random_.between(1, 2 * time.count())}, [this, time, end, what] {
      if (timeline_.now() >= end) return;
      what();
      every(time, end, what);
    });
  }

  void move_clocks() {
    people_.move_clocks();
    random_.pick(daemons_)->clock_wrong_by += Millis{random_.between(-100'000, 100'000)};
  }

  void start(Daemon& daemon) {
    daemon.ear.now_hears(++last_run_);
    ++starts_;
    trace_.add([&] { return "run " + std::to_string(last_run_) + " starts"; });
    daemon.process = std::make_unique<Process>(around_, last_run_, Process::Command::follow,
                                               daemon.clock_wrong_by, daemon.ear);
    const bool mortal = scenario_.crashes && !at_peace_;
    daemon.dies_after = mortal ? random_.between(1, random_.percent(50) ? 200 : 5'000) : 0;
    if (mortal && scenario_.while_away) daemon.dies_after = random_.between(100, 500);
  }

  // kill -9
  void kill(Daemon& daemon) {
    trace_.add([&] { return "run dies after " + std::to_string(daemon.process->steps()); });
    ++verdict_.crashes;
    daemon.process.reset();
    if (scenario_.while_away) people_.import();
    const std::int64_t longest = scenario_.while_away ? 60'000 : 20'000;
    timeline_.after(Millis{random_.between(0, longest)}, [this, &daemon] {
      if (!daemon.process) start(daemon);
    });
  }

  void run_until(Instant end) {
    do {
      run_ready();
    } while (!judge_.failure() && timeline_.step(end));
  }

  void run_ready() {
    constexpr std::int64_t endless = 1'000'000;
    std::int64_t steps = 0;
    for (bool some = true; some && !judge_.failure();) {
      some = false;
      for (const auto& daemon : daemons_) {
        if (!daemon->process || !daemon->process->step()) continue;
        some = true;
        if (daemon->process->steps() == daemon->dies_after) kill(*daemon);
      }
      if (once_ && once_->step()) some = true;
      if (++steps > endless) judge_.fail("P7", "a daemon is busy for ever");
    }
  }

  void read() {
    for (Reader& reader : readers_) {
      const bool loaded = judge_.loaded(reader.replica(), reader.collection());
      if (!reader.started() && !loaded) continue;
      reader.poll();
      // At once: what he misses now may be written anew before the end.
      check(reader);
    }
  }

  // P1, P2, P4: whatever happened, an audit later it is a faithful copy.
  void converge() {
    if (judge_.failure()) return;
    at_peace_ = true;
    network_.set_faults({}, 0);
    network_.take_caches_away();
    people_.make_peace();
    if (scenario_.sync.collections.size() < scenario_.collections.size() &&
        scenario_.sync.collections.front() != "b/*") {
      sync::Options all = scenario_.sync;
      all.collections = {"b/*"};
      change_options(all);
    }
    for (const auto& daemon : daemons_) {
      daemon->dies_after = 0;
      if (!daemon->process) start(*daemon);
    }
    // A record beside a taken stamp may move to it only after the one that took it has moved.
    std::int64_t audits = scenario_.odd_stamps ? 2 : 1;
    const bool extras_go =
        scenario_.sync.extras == sync::Extras::remove || scenario_.master.kinto.history;
    if (extras_go) audits += most_extras() / held_extras;
    if (scenario_.follow_alone) audits = 0;
    const Instant end =
        timeline_.now() + stragglers + audits * scenario_.sync.audit_interval + slack;
    settle();
    run_until(end);
    // Where several audits are needed, each may take longer than their interval.
    const Millis longer = judge_.longest_audit() - scenario_.sync.audit_interval;
    if (extras_go && audits > 1 && longer > Millis{0}) {
      run_until(end + audits * longer);
    }
    for_each_pair([this](Site& replica, const CollectionId& id) {
      if (!master_.shows(id)) return;
      Gaps gaps = gaps_between(master_, replica, id, history_);
      const bool told = scenario_.follow_alone && !judge_.is_said_in_sync(replica, id);
      if (told || judge_.waits_for_operator(replica, id)) gaps.extras.clear();
      if (may_stand_beside() || scenario_.follow_alone) gaps.beside.clear();
      if (!gaps.none(scenario_.sync.extras)) {
        judge_.fail("P1", replica.name() + " " + id.str() + " has not become equal: " + gaps.str());
      }
      if (scenario_.history_tells_all()) judge_.look_for_former_life(replica, id, gaps.extras);
    });
    for (const auto& replica : replicas_) {
      const auto left = judge_.containers().gaps(*replica);
      if (!left.empty())
        judge_.fail("P1", replica->name() + " has not become equal: " + left.front());
    }
    if (!scenario_.readers_are_safe()) return;
    read();
    for (const Reader& reader : readers_) verdict_.readers += is_judged(reader) ? 1 : 0;
  }

  std::int64_t most_extras() {
    std::int64_t most = 0;
    for_each_pair([&](Site& replica, const CollectionId& id) {
      most = std::max(most, std::ssize(gaps_between(master_, replica, id, history_).extras));
    });
    return most;
  }

  // P8 without audits: whatever broke the chain from one look to the next, soon nothing is called
  // in sync that is not equal.
  void settle() {
    if (!scenario_.polls_find_all()) return;
    run_until(timeline_.now() + 3 * scenario_.sync.interval + scenario_.sync.overlap + slack);
    for_each_pair([this](Site& replica, const CollectionId& id) {
      if (!judge_.is_said_in_sync(replica, id) || !master_.shows(id)) return;
      Gaps gaps = gaps_between(master_, replica, id, history_);
      gaps.beside.clear();  // what only an audit moves nearer
      if (gaps.none(scenario_.sync.extras) && gaps.impossible.empty()) return;
      judge_.fail("P8",
                  replica.name() + " " + id.str() + " is still said to be in sync: " + gaps.str());
    });
  }

  // P6. A record in quarantine comes out of turn, and what a server says without an ETag has none.
  // No precondition of Kinto's covers what is not there: a create may stand where the record was
  // deleted since, be it late, or of a daemon that is slower than the other one.
  void check(const Reader& reader) {
    const std::string missed = is_judged(reader) ? reader.missed() : std::string();
    if (missed.empty()) return;
    judge_.fail("P6", "a reader of " + reader.replica().name() + " " + reader.collection().str() +
                          " has missed " + missed);
  }

  [[nodiscard]] bool is_judged(const Reader& reader) const {
    const bool blurred = std::ranges::any_of(scenario_.faults, [](Fault fault) {
      return fault == Fault::part_fails || fault == Fault::late_request ||
             fault == Fault::duplicate || fault == Fault::no_etag;
    });
    // Who is told of a replica as it was, and cannot see it, is refused, and writes out of turn.
    const auto& cache = scenario_.cache;
    const bool deceived = cache && cache->replicas && cache->shows != CacheOptions::Shows::age;
    return reader.started() && !blurred && !deceived && scenario_.daemons == 1 &&
           !judge_.was_quarantined(reader.replica(), reader.collection());
  }

  // Where a whole run of stamps has been pushed on by one, each audit puts one of them right.
  [[nodiscard]] bool may_stand_beside() const { return scenario_.odd_stamps || scenario_.meddling; }

  void let_audits_end() {
    constexpr int most = 50;
    const auto stand_beside = [this] {
      bool some = false;
      for_each_pair([&](Site& replica, const CollectionId& id) {
        some = some ||
               (master_.shows(id) && !gaps_between(master_, replica, id, history_).beside.empty());
      });
      return some;
    };
    for (int audits = 0; audits < most && stand_beside() && !judge_.failure(); ++audits) {
      run_until(timeline_.now() + scenario_.sync.audit_interval + slack);
    }
  }

  // P7, P5: where nothing happens nothing is written, and little is asked.
  void rest() {
    if (may_stand_beside() && !scenario_.follow_alone) let_audits_end();
    if (judge_.failure()) return;
    const std::int64_t changes = judge_.changes();
    const std::int64_t requests = network_.requests();
    const Millis time = std::min(scenario_.sync.audit_interval, Millis{300'000}) + slack;
    run_until(timeline_.now() + time);
    if (judge_.changes() != changes) {
      judge_.fail("P5",
                  std::to_string(judge_.changes() - changes) + " writes while nothing happened");
    }
    const std::int64_t rounds = time / scenario_.sync.interval + 1;
    const std::int64_t allowed = allowed_at_rest(scenario_, rounds);
    if (network_.requests() - requests > allowed) {
      judge_.fail("P7", std::to_string(network_.requests() - requests) + " requests in " +
                            std::to_string(rounds) + " rounds at rest");
    }
  }

  // An audit that is under way reads to its end before a poll comes: for each window of three
  // records or tombstones about four requests, one after the other.
  [[nodiscard]] Millis of_an_audit() {
    std::int64_t most = 0;
    for (const CollectionId& id : scenario_.collections) {
      const model::Shelf* const shelf = master_.shelf(id);
      if (shelf != nullptr) most = std::max(most, std::ssize(shelf->objects));
    }
    return 4 * (most / 3 + 1) * 2 * scenario_.latency;
  }

  // P1 in a collection that has rested for longer than the overlap, whose number of records stays.
  void hear_a_last_word() {
    if (judge_.failure() || !scenario_.polls_find_all()) return;
    people_.update_one_of_each();
    constexpr Millis to_write{60'000};
    run_until(timeline_.now() + 2 * scenario_.sync.interval + std::max(to_write, of_an_audit()));
    for_each_pair([this](Site& replica, const CollectionId& id) {
      if (!master_.shows(id)) return;
      Gaps gaps = gaps_between(master_, replica, id, history_);
      gaps.extras.clear();
      if (gaps.none(scenario_.sync.extras)) return;
      judge_.fail("P1", replica.name() + " " + id.str() + " lacks the last change: " + gaps.str());
    });
  }

  // P8: `run --once` says "in sync" when it is, and only then.
  void say_so() {
    if (judge_.failure()) return;
    Daemon& daemon = *daemons_.front();
    daemon.ear.now_hears(++last_run_);
    once_ = std::make_unique<Process>(around_, last_run_, Process::Command::once,
                                      daemon.clock_wrong_by, daemon.ear);
    // PostgreSQL answers 503 with a Retry-After of seconds to a batch with a record that it cannot
    // hold, until halving has found it. Each pass finds one, and walks the whole, some objects a
    // page.
    constexpr Millis to_find_one{25'000};
    constexpr Millis to_walk_past_one{60};
    Millis to_find_all{0};
    for_each_pair([&](Site& replica, const CollectionId& id) {
      const model::Shelf* const shelf = master_.shelf(id);
      const std::int64_t objects = shelf == nullptr ? 0 : std::ssize(shelf->objects);
      const std::int64_t impossible =
          std::ssize(gaps_between(master_, replica, id, history_).impossible);
      to_find_all += impossible * (to_find_one + objects * to_walk_past_one);
    });
    run_until(timeline_.now() + Millis{120'000} + to_find_all);
    if (judge_.failure()) return;
    if (!once_->ended()) return judge_.fail("P7", "run --once does not end");
    bool equal = true;
    bool compared = false;
    for_each_pair([&](Site& replica, const CollectionId& id) {
      Gaps gaps = gaps_between(master_, replica, id, history_);
      if (may_stand_beside()) gaps.beside.clear();
      compared = compared || master_.store().live({"", "bucket"}, id.bucket) != nullptr;
      // What the master does not list is not compared, unless it is named. What it deleted is gone.
      const bool named = scenario_.sync.collections.front() != "b/*";
      if (!master_.shows(id) && (!named || judge_.containers().is_deleted(path_of(id)))) {
        equal = equal && (scenario_.sync.extras == sync::Extras::keep || !replica.shows(id));
        return;
      }
      equal =
          equal && master_.shows(id) && gaps.none(scenario_.sync.extras) && gaps.impossible.empty();
    });
    equal = equal && compared;
    // A bucket that is named, be it with `/*`, is looked for.
    for (const CollectionId& id : scenario_.collections) {
      const bool there = master_.store().live({"", "bucket"}, id.bucket) != nullptr;
      equal = equal && (there || judge_.containers().is_deleted("/buckets/" + id.bucket));
    }
    for (const auto& replica : replicas_) {
      equal =
          equal && judge_.containers().gaps(*replica).empty() &&
          !judge_.containers().has_unknown(*replica) &&
          !judge_.containers().has_undeleted(*replica) &&
          (scenario_.sync.extras == sync::Extras::keep || !judge_.containers().has_extra(*replica));
    }
    if (once_->report().in_sync() != equal) {
      judge_.fail("P8", std::string("run --once says ") + (equal ? "not " : "") +
                            "in sync: " + differences(once_->report()));
    }
  }

  static std::string differences(const sync::RunReport& report) {
    std::string out;
    for (const sync::ReplicaReport& one : report.replicas) {
      out += one.name + (one.error ? " " + one.error->message : "");
      for (const auto& container : one.containers.differences) {
        out += "; " + container.id + " " + std::string(to_string(container.kind));
      }
      for (const auto& collection : one.collections) {
        out += "; " + collection.id.str() + " " + std::string(to_string(collection.state));
      }
      out += "; ";
    }
    return out;
  }

  // A wish to stop is granted in ten seconds.
  void end() {
    if (judge_.failure()) return;
    for (const auto& daemon : daemons_) daemon->process->terminate();
    run_until(timeline_.now() + Millis{10'000});
    for (const auto& daemon : daemons_) {
      if (!daemon->process->ended()) judge_.fail("P7", "SIGTERM does not end a daemon");
    }
    for (const auto& replica : replicas_) {
      const Contents own = replica->contents({"own", "a"});
      const bool whole = own.size() == 1 && own.begin()->second.stamp == 7;
      if ((!scenario_.resets && !whole) || replica->shows({"other", "a"})) {
        judge_.fail("P10", "something that is not in scope was touched");
      }
    }
  }

  template <class What>
  void for_each_pair(const What& what) {
    for (const auto& replica : replicas_) {
      for (const CollectionId& id : scenario_.collections) what(*replica, id);
    }
  }

  Timeline timeline_;
  Random random_;
  Scenario scenario_;
  Trace trace_;
  History history_;
  Site master_;
  std::vector<std::unique_ptr<Site>> replicas_;
  Judge judge_;
  Network network_;
  People people_;
  Surroundings around_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
  std::unique_ptr<Process> once_;
  std::vector<Reader> readers_;
  Run last_run_ = 0;
  std::int64_t container_writes_ = 0;
  std::int64_t starts_ = 0;  // of daemons, since the limiter came
  bool at_peace_ = false;
  Verdict verdict_;
};

}  // namespace

Verdict simulate(std::uint64_t seed, bool trace) {
  Random random(seed);
  const Scenario scenario = draw_scenario(seed, random);
  if (scenario.twin) return simulate_twin(scenario, random, trace);
  World world(scenario, random, trace);
  return world.run();
}

}  // namespace kinto_mirror::simulate
