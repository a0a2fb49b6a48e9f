#pragma once
// Carries the daemons' requests to the sites, and does harm to them on the way.

#include "base/error.hpp"
#include "fault.hpp"
#include "front_ends.hpp"
#include "random.hpp"
#include "site.hpp"
#include "timeline.hpp"
#include "trace.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::simulate {

// Which run of a daemon a request comes from; 0: one that it has given up long ago.
using Run = int;

// Looks at every request of a daemon when it is sent and when a site carries it out.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void sent(Site& site, const http::Request& request, Run run) = 0;
  // The daemon has got this.
  virtual void answered(Site& site, const http::Response& response, Run run) = 0;
  virtual http::Response carry_out(Site& site, const http::Request& request, Run run) = 0;
};

class Network {
 public:
  using Answer = Result<http::Response>;
  // Takes an answer, to be moved from later. False where the daemon has given up on the request.
  using Answered = std::function<bool(std::shared_ptr<Answer>)>;

  Network(Timeline& timeline, Random& random, Witness& witness, Trace& trace, Millis latency)
      : timeline_(timeline), random_(random), witness_(witness), trace_(trace), latency_(latency) {}

  // From now on so many of a hundred requests meet one of `faults`.
  void set_faults(std::vector<Fault> faults, std::int64_t percent) {
    faults_ = std::move(faults);
    percent_ = percent;
  }

  // From now on this stands before the site.
  void put_before(const Site& site, Cache cache, CacheOptions::Shows shows, std::int64_t percent);
  void put_before(const Site& site, Limiter limiter);
  // Returns how many requests each limiter has seen.
  std::vector<std::int64_t> take_limiters_away();
  void take_caches_away() { caches_.clear(); }

  // Until all are unlocked a gateway answers for the site whatever writes to records below this
  // path.
  void lock(const Site& site, std::string records) { locks_[&site] = std::move(records); }
  void unlock_all() { locks_.clear(); }

  // `answered` is called at most once; never where the world stays silent.
  void send(Site& site, http::Request request, Run run, Answered answered);

  // How often each fault was met.
  [[nodiscard]] const std::map<Fault, std::int64_t>& met() const noexcept { return met_; }
  [[nodiscard]] std::int64_t requests() const noexcept { return requests_; }

 private:
  struct Parcel;
  struct StandingCache {
    Cache cache;
    CacheOptions::Shows shows;
    std::int64_t percent;
  };
  [[nodiscard]] Fault draw(const http::Request& request);
  Millis hop();
  void deliver(const std::shared_ptr<Parcel>& parcel, Fault fault);
  void answer_after(Millis wait, const std::shared_ptr<Parcel>& parcel, Answer answer);
  http::Response carry_out(Parcel& parcel);
  [[nodiscard]] bool is_locked(const Parcel& parcel) const;
  http::Response by_cache(Parcel& parcel);
  http::Response with_failing_part(Parcel& parcel);
  http::Response status_answer(int status, const Parcel& parcel);

  Timeline& timeline_;
  Random& random_;
  Witness& witness_;
  Trace& trace_;
  Millis latency_;
  std::vector<Fault> faults_;
  std::int64_t percent_ = 0;
  std::map<Fault, std::int64_t> met_;
  std::map<const Site*, StandingCache> caches_;
  std::map<const Site*, Limiter> limiters_;
  std::map<const Site*, std::string> locks_;  // paths of records
  std::int64_t requests_ = 0;
};

}  // namespace kinto_mirror::simulate
