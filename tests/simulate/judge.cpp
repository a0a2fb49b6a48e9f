#include "judge.hpp"

#include "request_paths.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

Judge::Judge(const Timeline& timeline, const Scenario& scenario, Site& master,
             const Replicas& replicas, const History& history, const Trace& trace)
    : timeline_(timeline),
      scenario_(scenario),
      master_(master),
      replicas_(replicas),
      history_(history),
      trace_(trace),
      containers_(
          timeline, scenario, master, history,
          [this](const std::string& promise, const std::string& what) { fail(promise, what); },
          [this] { return lately(); },
          [this](Site& replica, const CollectionId& id) { return was_whole(replica, id); }) {}

void Judge::fail(const std::string& promise, const std::string& what) {
  if (failure_) return;
  failure_ = promise + ": " + what;
  trace_.add([&] { return "FAILED " + *failure_; });
}

void Judge::sent(Site& site, const http::Request& request, Run run) {
  const auto peace = peace_.find({site.name(), run});
  if (peace != peace_.end() && timeline_.now() < peace->second) {
    fail("P7", site.name() + " asked to be left alone, and was not");
  }
  watch_origin(site, request);
  watch_writes(site, request);
}

void Judge::answered(Site& site, const http::Response& response, Run run) {
  auto wish = http::find_header(response.headers, "Backoff");
  const bool busy = response.status == 503 || response.status == 429;
  if (!wish && busy) wish = http::find_header(response.headers, "Retry-After");
  if (!wish) return;
  Instant& until = peace_[{site.name(), run}];
  until = std::max(until, timeline_.now() + Millis{std::stoll(std::string(*wish)) * 1000});
}

bool Judge::was_whole(Site& replica, const CollectionId& id) const {
  const auto passed = passed_.find({replica.name(), id});
  if (passed != passed_.end() && passed->second == replica.made(id)) return true;
  // What nobody could have noticed yet.
  const auto lost = lost_.find({replica.name(), id});
  const auto counted = counted_.find({replica.name(), id});
  const bool noticed =
      lost == lost_.end() || (counted != counted_.end() && counted->second > lost->second);
  if (!noticed) return true;
  const Gaps gaps = gaps_between(master_, replica, id, history_, lately());
  return std::ranges::none_of(gaps.wrong,
                              [](const auto& one) { return one.ends_with(" is missing"); });
}

void Judge::containers_done(Run run, const std::string& replica,
                            const sync::ContainersReport& report) {
  const auto site =
      std::ranges::find(replicas_, replica, [](const auto& one) { return one->name(); });
  containers_.told(**site, run, report);
}

bool Judge::in_scope(std::string_view path) const {
  if (path == "/buckets/kinto-mirror" || path.starts_with("/buckets/kinto-mirror/")) return true;
  if (path.starts_with("/buckets/") && containers_.in_scope(path)) return true;
  return std::ranges::any_of(scenario_.collections, [&path](const CollectionId& id) {
    return path.starts_with(path_of(id) + "/");
  });
}

http::Response Judge::carry_out(Site& site, const http::Request& request, Run run) {
  if (scenario_.losses) note_counts(site, request);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads || &site == &master_) return site.kinto().answer(request);
  if (!looks_as_known(site)) {
    for (const CollectionId& id : scenario_.collections) bring_up_to_date(site, id);
    looked_at_[&site] = site.kinto().store().revision();
    containers_.before(site);
  }
  http::Response response = site.kinto().answer(request);
  for (const CollectionId& id : scenario_.collections) note_question(site, id, request, run);
  if (looks_as_known(site)) return response;  // most only ask
  looked_at_[&site] = site.kinto().store().revision();
  containers_.after(site);
  const bool with_container = request.method == "DELETE" && deletes_more(bare(request.target));
  for (const CollectionId& id : scenario_.collections) {
    const Known before = known_[{site.name(), id}];
    if (bring_up_to_date(site, id)) {
      compare(site, id, *before.contents, *known_[{site.name(), id}].contents, run, with_container);
    }
  }
  return response;
}

// Whoever is told how many records there are can notice that some are lost.
void Judge::note_counts(const Site& site, const http::Request& request) {
  for (const CollectionId& id : scenario_.collections) {
    const bool plainly = request.method == "HEAD" && bare(request.target) == records_of(id);
    const std::string in_batch = R"("HEAD","path":")" + records_of(id) + '"';
    if (plainly || request.body.find(in_batch) != std::string::npos) {
      counted_[{site.name(), id}] = timeline_.now();
    }
  }
}

// The daemons ask whether they may see all of a collection by a record that nobody has.
void Judge::note_question(const Site& site, const CollectionId& id, const http::Request& request,
                          Run run) {
  if (request.body.find(records_of(id) + "/ab5e7700-") != std::string::npos) {
    asked_[{{site.name(), id}, run}] = timeline_.now();
  }
}

bool Judge::looks_as_known(Site& site) const {
  const auto seen = looked_at_.find(&site);
  return seen != looked_at_.end() && seen->second == site.kinto().store().revision();
}

bool Judge::bring_up_to_date(const Site& site, const CollectionId& id) {
  const model::Shelf* const shelf = site.shelf(id);
  const std::uint64_t revision = shelf == nullptr ? 0 : shelf->revision;
  Known& known = known_[{site.name(), id}];
  if (known.contents && known.revision == revision) return false;
  known = {revision, std::make_shared<const Contents>(site.contents(id))};
  return true;
}

// Longer than a pass takes, behind a limiter or a lock too, and any request is under way.
Instant Judge::lately() const {
  const bool slow = scenario_.may_be_late() || scenario_.limiter || scenario_.lock;
  const Millis pass{slow ? 300'000 : 90'000};
  return timeline_.now() - pass - scenario_.unseen_age();
}

void Judge::reconfigured(const sync::Options& before) {
  if (before.extras == sync::Extras::remove) removed_until_ = timeline_.now();
  lack_deletes_.clear();
}

void Judge::disturbed(const Site& replica) {
  containers_.disturbed(replica);
  for (const CollectionId& id : scenario_.collections) {
    written_[{replica.name(), id}][0] = timeline_.now();
  }
}

}  // namespace kinto_mirror::simulate
