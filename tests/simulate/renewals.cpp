#include "renewals.hpp"

#include "process.hpp"
#include "random.hpp"
#include "renewal_watch.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

namespace kinto_mirror::simulate {

namespace {

constexpr Millis hour = RenewalCosts::hour;
constexpr Millis day = 24 * hour;
// The first week with all defaults; then an operator asks less often, since each of its rounds at
// rest is like the one before, and five weeks of them would take a minute of this machine's time.
constexpr Millis first_week = 7 * day;
constexpr Millis other_weeks = 35 * day;
constexpr Millis later_interval{60'000};
// To ask, to compare and to write, where nothing fails and a round trip takes some milliseconds.
constexpr Millis tolerance{1'000};

// What the requests may be: at rest a batch of counts to each side and the count of the
// checkpoints. In an hour each of the six collections and what stands around them is compared once;
// a renewal has lists, lists of rights and metadata of its bucket looked at and one container
// written.
constexpr double allowed_per_round = 3.0;
constexpr double allowed_per_audit = 80.0;
constexpr double allowed_per_renewal = 30.0;

model::Options fresh_kinto(model::Profile profile) {
  model::Options options;
  options.profile = profile;
  return options;
}

class RenewalWorld {
 public:
  explicit RenewalWorld(bool trace)
      : trace_(timeline_, trace),
        master_("master", fresh_kinto(model::Profile::postgresql), timeline_, Millis{0}),
        counter_(master_),
        network_(timeline_, random_, counter_, trace_, Millis{5}),
        listener_(trace_),
        costs_(timeline_, counter_),
        around_{timeline_, network_, master_, replicas_, options_} {
    replicas_.push_back(std::make_unique<Site>("replica", fresh_kinto(model::Profile::postgresql),
                                               timeline_, Millis{0}));
    options_.collections = {"main/*"};
  }

  Renewals run() {
    begin();
    try {
      live_through(first_week);
      options_.interval = later_interval;
      live_through(other_weeks);
    } catch (const std::exception& bug) {
      fail(std::string("bug: an exception: ") + bug.what());
    }
    return result_;
  }

 private:
  void live_through(Millis time) {
    const Instant end = timeline_.now() + time;
    Process process(around_, ++last_run_, Process::Command::follow, Millis{0}, listener_);
    run_until(process, timeline_.now() + day / 2);  // loaded or compared, and at rest
    listener_.expect_calm(true);
    costs_.begin(options_.interval, end);
    plan_events(end - day);
    run_until(process, end);
    conclude();
    result_.rounds += time / options_.interval;
    listener_.expect_calm(false);
    process.terminate();
    run_until(process, timeline_.now() + Millis{10'000});
  }

  void begin() {
    const std::string everyone = R"({"permissions":{"read":["system.Everyone"]}})";
    master_.admin("PUT", "/buckets/main", everyone);
    for (const char* name : {"certificates", "search-config", "top-sites", "tippytop", "cfr",
                             "language-dictionaries"}) {
      const CollectionId id("main", name);
      collections_.push_back(id);
      for (const char* role : {"-editors", "-reviewers"}) {
        master_.admin("PUT", "/buckets/main/groups/" + id.collection + role,
                      R"({"data":{"members":["account:ada","account:grace"]}})");
      }
      master_.admin("PUT", path_of(id),
                    R"({"data":{"displayFields":["n"],"sort":"-n","attachment":)"
                    R"({"enabled":true,"required":false},"signature":)" +
                        signature() + "}}");
      const std::int64_t records = random_.between(5, 40);
      for (std::int64_t i = 0; i < records; ++i) put_record(id, "r" + std::to_string(i));
    }
  }

  std::string signature() {
    const std::string n = std::to_string(++serial_);
    return R"({"signature":"MGYCMQ)" + n + R"(","x5u":"https://chains.test/)" + n +
           R"(.pem","mode":"p384ecdsa","ref":"ref)" + n + R"("})";
  }

  void put_record(const CollectionId& id, const std::string& record) {
    const std::string n = std::to_string(++serial_);
    const bool attached = random_.percent(30);
    master_.admin("PUT", records_of(id) + "/" + record,
                  R"({"data":{"n":)" + n +
                      (attached ? R"(,"attachment":{"hash":"h)" + n + R"(","size":)" + n +
                                      R"(,"filename":"f.bin","location":"main-workspace/)" + n +
                                      R"(.bin","mimetype":"application/octet-stream"})"
                                : "") +
                      "}}");
  }

  // Each collection at its own time of the day; records of some, in the middle of it.
  void plan_events(Instant end) {
    Millis at = hour / 2;
    for (const CollectionId& id : collections_) {
      each_day(at, end, [this, id] { renew(id); });
      at += 3 * hour;
    }
    each_day(at, end, [this] { change(random_.pick(collections_)); });
  }

  void each_day(Millis from, Instant end, const std::function<void()>& what) {
    timeline_.after(from, [this, end, what] {
      if (timeline_.now() >= end) return;
      what();
      each_day(day, end, what);
    });
  }

  void sign(const CollectionId& id) {
    master_.admin("PATCH", path_of(id), R"({"data":{"signature":)" + signature() + "}}");
    costs_.renewed();
    timeline_.after(options_.interval + tolerance, [this, id] { compare(id); });
  }

  void renew(const CollectionId& id) {
    trace_.add([&] { return "* renews " + id.str(); });
    ++result_.renewals;
    sign(id);
  }

  void change(const CollectionId& id) {
    trace_.add([&] { return "* changes " + id.str(); });
    ++result_.changes;
    costs_.changed();
    if (random_.percent(30)) {
      master_.admin("DELETE", records_of(id) + "/r" + std::to_string(random_.below(40)));
    }
    put_record(id, "r" + std::to_string(random_.below(40)));
    sign(id);
  }

  void compare(const CollectionId& id) {
    const Site& replica = *replicas_.front();
    const auto object = [&id](const Site& site) {
      return site.store().live({"/buckets/" + id.bucket, "collection"}, id.collection);
    };
    const model::Object* const wanted = object(master_);
    const model::Object* const held = object(replica);
    if (held == nullptr || held->stamp != wanted->stamp || held->data != wanted->data) {
      return fail("P1: the replica lacks the metadata of " + id.str());
    }
    const auto live = [&id](const Site& site) {
      Contents out = site.contents(id);
      std::erase_if(out, [](const auto& one) { return one.second.deleted; });
      return out;
    };
    const Contents all = live(master_);
    const bool same =
        std::ranges::equal(all, live(replica), [](const auto& one, const auto& other) {
          return one.first == other.first && one.second.stamp == other.second.stamp &&
                 one.second.body == other.second.body;
        });
    if (!same) fail("P1: the replica lacks records of " + id.str());
  }

  void conclude() {
    for (const CollectionId& id : collections_) compare(id);
    if (listener_.out_of_sync()) fail("P8: " + *listener_.out_of_sync());
    if (counter_.wrote_to_master()) fail("P10: the master was written to");
    result_.requests = counter_.requests();
    result_.per_round = costs_.per_round();
    result_.per_audit = costs_.per_audit();
    result_.per_renewal = costs_.per_renewal();
    bound("a round at rest", result_.per_round, allowed_per_round);
    bound("an hour's comparison", result_.per_audit, allowed_per_audit);
    bound("a renewal", result_.per_renewal, allowed_per_renewal);
  }

  void bound(const std::string& what, double cost, double allowed) {
    if (cost <= allowed) return;
    fail("P7: " + what + " costs " + std::to_string(cost) + " requests, of " +
         std::to_string(allowed));
  }

  void fail(const std::string& what) {
    if (result_.failure) return;
    result_.failure = what;
    trace_.add([&] { return "FAILED " + what; });
  }

  void run_until(Process& process, Instant end) {
    do {
      while (process.step()) {
      }
    } while (!result_.failure && timeline_.step(end));
  }

  Random random_{42};
  Timeline timeline_;
  Trace trace_;
  Site master_;
  std::vector<std::unique_ptr<Site>> replicas_;
  RequestCounter counter_;
  Network network_;
  CalmListener listener_;
  RenewalCosts costs_;
  sync::Options options_;
  Surroundings around_;
  std::vector<CollectionId> collections_;
  std::int64_t serial_ = 0;
  Run last_run_ = 0;
  Renewals result_;
};

}  // namespace

Renewals simulate_renewals(bool trace) {
  return RenewalWorld(trace).run();
}

}  // namespace kinto_mirror::simulate
