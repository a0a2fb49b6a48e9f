#include "judge.hpp"

#include "sync/decide/batching.hpp"
#include "sync/decide/brake.hpp"
#include "sync/write/closing_mark.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

namespace json = boost::json;

// Without /v1 and query.
std::string_view bare(std::string_view target) {
  if (target.starts_with("/v1")) target.remove_prefix(3);
  return target.substr(0, target.find('?'));
}

bool writes(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

// A container, or all records of a collection.
bool deletes_more(std::string_view path) {
  return path.find("/records/") == std::string_view::npos;
}

// Tells it from one of the same id that was deleted; 0: there is none.
std::uint64_t made(const Site& site, const CollectionId& id) {
  const model::Object* const there =
      site.store().live({"/buckets/" + id.bucket, "collection"}, id.collection);
  return there == nullptr ? 0 : there->order;
}

std::string_view without_records(std::string_view path) {
  constexpr std::string_view records = "/records";
  if (path.ends_with(records)) path.remove_suffix(records.size());
  return path;
}

}  // namespace

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

// P10: credentials go to their own origin only.
void Judge::watch_origin(const Site& site, const http::Request& request) {
  const auto credentials = http::find_header(request.headers, "Authorization");
  if (!request.target.starts_with("/v1/")) fail("P10", "a request for " + request.target);
  if (credentials != site.daemons_authorization()) {
    fail("P10", "other credentials than its own for " + site.name());
  }
}

// P10, P7 and P9: own business, bounded, guarded.
void Judge::watch_writes(const Site& site, const http::Request& request) {
  if (bare(request.target) != "/batch") {
    watch_write(site, request.method, bare(request.target));
    if (writes(request.method) && !request.target.starts_with("/v1/buckets/kinto-mirror/") &&
        !http::find_header(request.headers, "If-Match") &&
        !http::find_header(request.headers, "If-None-Match")) {
      fail("P9", "a write without a guard");
    }
    return;
  }
  json::monotonic_resource storage;
  const json::value body = json::parse(request.body, &storage);
  const json::array& parts = body.at("requests").as_array();
  for (const json::value& part : parts) {
    watch_write(site, part.at("method").as_string(), bare(part.at("path").as_string()));
  }
  const auto unguarded = [](const json::value& line) {
    const json::object& request_line = line.as_object();
    if (!writes(request_line.at("method").as_string())) return false;
    const json::value* const headers = request_line.if_contains("headers");
    return headers == nullptr || (!headers->as_object().contains("If-Match") &&
                                  !headers->as_object().contains("If-None-Match"));
  };
  if (std::ranges::any_of(parts, unguarded)) fail("P9", "a write without a guard");
  const auto deletes_container = [](const json::value& line) {
    return line.at("method").as_string() == "DELETE" &&
           deletes_more(bare(line.at("path").as_string()));
  };
  // Kinto carries out what goes with it at the end of the batch only.
  if (parts.size() > 1 && std::ranges::any_of(parts, deletes_container)) {
    fail("P3", "a container is deleted together with other requests");
  }
  if (request.body.size() > 2 * sync::max_batch_bytes) fail("P7", "a batch of too many bytes");
  if (std::cmp_greater(parts.size(), site.max_batch())) fail("P7", "a batch of too many requests");
}

void Judge::watch_write(const Site& site, std::string_view method, std::string_view path) {
  if (!writes(method)) return;
  const std::string what = std::string(method) + " " + std::string(path);
  if (&site == &master_) fail("P10", "a write to the master: " + what);
  if (!in_scope(path)) fail("P10", "a write out of scope: " + what);
  if (method == "DELETE" && deletes_more(path) && !containers_.was_deleted(without_records(path))) {
    fail("P3", "more than a record is deleted: " + what);
  }
}

bool Judge::was_whole(Site& replica, const CollectionId& id) const {
  const auto passed = passed_.find({replica.name(), id});
  if (passed != passed_.end() && passed->second == made(replica, id)) return true;
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

void Judge::containers_done(const std::string& replica, const sync::ContainersReport& report) {
  const auto site =
      std::ranges::find(replicas_, replica, [](const auto& one) { return one->name(); });
  containers_.told(**site, report);
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

void Judge::compare(Site& site, const CollectionId& id, const Contents& before,
                    const Contents& after, Run run, bool with_container) {
  // What a cache tells, with nothing to show how old it is, may be written.
  constexpr Millis a_pass{60'000};
  const Millis unseen = scenario_.unseen_age();
  const Instant recently = unseen > Millis{0} ? timeline_.now() - unseen - a_pass : Instant::max();
  const auto same = [](Held one, Held other) {
    return one.stamp == other.stamp && one.deleted == other.deleted;
  };
  for (const auto& [record, now] : after) {
    const auto then = before.find(record);
    if (then != before.end() && same(then->second, now)) continue;
    ++changes_;
    written_[{site.name(), id}][run] = timeline_.now();
    auto& held = held_[{{site.name(), id}, record}];
    held.insert({now.stamp, now.body});
    if (then == before.end()) continue;
    if (!then->second.deleted && now.deleted && with_container) {
      vanished_with_container(site, id, record, then->second);
    } else if (!then->second.deleted && now.deleted) {
      vanished(site, id, record, then->second, run);
    }
    // A version that both the master and the replica have left behind. No precondition of Kinto's
    // covers a tombstone, so a create that comes late may stand on one until the next audit.
    // Nor can a guard tell two versions of one stamp: a request that is delivered twice may meet
    // the master's version at the stamp to which the replica had once pushed this one.
    const bool was_here = held.contains({then->second.stamp, now.body});
    if (!then->second.deleted && !was_here &&
        history_.goes_back(id, record, then->second, now, recently)) {
      fail("P9", site.name() + " " + id.str() + "/" + record + " goes back from @" +
                     std::to_string(then->second.stamp) + " to @" + std::to_string(now.stamp));
    }
  }
  for (const auto& [record, then] : before) {
    if (after.contains(record)) continue;
    if (!with_container) fail("P3", id.str() + "/" + record + " left no tombstone");
    written_[{site.name(), id}][run] = timeline_.now();
    if (!then.deleted) vanished_with_container(site, id, record, then);
  }
}

// P3, P9: by the master's tombstone of the collection, and nothing that came behind it.
void Judge::vanished_with_container(const Site& site, const CollectionId& id,
                                    const std::string& record, Held before) {
  const std::string what = site.name() + " " + id.str() + "/" + record + "@" +
                           std::to_string(before.stamp) + " went with its collection";
  if (!containers_.was_deleted(path_of(id)))
    return fail("P3", what + ", which the master never deleted");
  const auto since = history_.first_had(id, record, before.stamp);
  if (scenario_.unseen_age() == Millis{0} && since &&
      *since >= history_.containers().came_back(path_of(id))) {
    fail("P9", what + ", though the master has had it only since then");
  }
}

// Longer than a pass takes, behind a limiter or a lock too, and any request is under way.
Instant Judge::lately() const {
  const bool slow = scenario_.may_be_late() || scenario_.limiter || scenario_.lock;
  const Millis pass{slow ? 300'000 : 90'000};
  return timeline_.now() - pass - scenario_.unseen_age();
}

// P3: what is deleted was deleted on the master, or is an extra under the brake.
void Judge::vanished(Site& site, const CollectionId& id, const std::string& record, Held before,
                     Run run) {
  const Instant lately = this->lately();
  // A tombstone is no doubt, though the record may have been created anew since it was read.
  if (history_.was_deleted(id, record, lately)) return;
  // To lower its stamp takes a DELETE and a PUT, which cannot share a batch.
  if (record.starts_with("batch")) return;
  if (record == sync::closing_mark_id) return;  // their own
  if (lost_its_right(site, id, run)) return;
  if (went_with_former_life(id, record, before)) return;
  const std::string what = site.name() + " " + id.str() + "/" + record + "@" +
                           std::to_string(before.stamp) + " was deleted";
  if (!may_remove(lately)) {
    fail("P3", what + " although the master never did");
    return;
  }
  if (!history_.was_absent(id, record, lately)) {
    fail("P3", what + " although the master has it");
  }
  lacking(site, id, record);
}

// The master's history has told that the collection was deleted, and the record is of before; what
// the master has again is another matter.
bool Judge::went_with_former_life(const CollectionId& id, const std::string& record,
                                  Held before) const {
  const auto deleted = history_.containers().newest_deletion(path_of(id));
  return scenario_.master.kinto.history && deleted && before.stamp <= *deleted &&
         history_.was_absent(id, record, lately());
}

// Its last question was answered with yes, and then the right to create records was taken: nobody
// could know that before the DELETE and PUT that followed soon.
bool Judge::lost_its_right(const Site& site, const CollectionId& id, Run run) const {
  const auto asked = asked_.find({{site.name(), id}, run});
  const auto taken = rights_taken_.find(site.name());
  if (asked == asked_.end() || taken == rights_taken_.end()) return false;
  constexpr Millis soon{5'000};
  return taken->second >= asked->second && timeline_.now() - asked->second <= soon;
}

bool Judge::may_remove(Instant lately) const {
  return scenario_.sync.extras == sync::Extras::remove ||
         (removed_until_ && *removed_until_ >= lately);
}

void Judge::reconfigured(const sync::Options& before) {
  if (before.extras == sync::Extras::remove) removed_until_ = timeline_.now();
  lack_deletes_.clear();
}

void Judge::lacking(Site& site, const CollectionId& id, const std::string& record) {
  const sync::MaxDelete& max = scenario_.sync.max_delete;
  if (max.percent && max.value >= 100) return;
  const auto empty = history_.empty_since(id);
  constexpr Millis a_pass{200'000};
  if (empty && *empty < timeline_.now() - a_pass) {
    fail("P3", "the master is empty, and " + site.name() + " " + id.str() + "/" + record +
                   " was deleted without leave");
  }
  const std::int64_t made = ++lack_deletes_[{site.name(), id}];
  std::int64_t live = made;
  for (const auto& [name, held] : site.contents(id)) live += held.deleted ? 0 : 1;
  if (made > scenario_.daemons * sync::allowed_deletes(max, live)) {
    fail("P3", std::to_string(made) + " deletes for lack of a counterpart in one pass");
  }
}

void Judge::disturbed(const Site& replica) {
  containers_.disturbed(replica);
  for (const CollectionId& id : scenario_.collections) {
    written_[{replica.name(), id}][0] = timeline_.now();
  }
}

// P8: "in sync" is said only of what is.
void Judge::pass_done(Run run, const std::string& replica, const sync::CollectionReport& report) {
  const Place place(replica, report.id);
  lack_deletes_.erase(place);
  states_[place] = report.state;
  const auto site =
      std::ranges::find(replicas_, replica, [](const auto& one) { return one->name(); });
  const bool ended = report.state == sync::State::in_sync ||
                     report.state == sync::State::degraded || report.state == sync::State::brake;
  if (ended) passed_[place] = made(**site, report.id);
  trace_.add([&] {
    return "run " + std::to_string(run) + ": " + replica + " " + report.id.str() + " " +
           std::string(to_string(report.kind)) + " " + std::string(to_string(report.state)) + " +" +
           std::to_string(report.written.created) + " ~" + std::to_string(report.written.updated) +
           " -" + std::to_string(report.written.deleted) +
           (report.error ? " " + report.error->message : "");
  });
  const bool whole = report.kind != sync::PassKind::follow;
  if (whole) longest_audit_ = std::max(longest_audit_, report.took);
  if (report.state != sync::State::in_sync) return;
  loaded_.insert(place);
  // A create that comes late may stand where the record was deleted since, which only an audit
  // sees.
  const bool may_be_revived = scenario_.daemons > 1 || written_[place].contains(0);
  const bool polls_suffice = scenario_.readers_are_safe() || scenario_.polls_find_all();
  if (!whole && (!polls_suffice || may_be_revived)) return;
  // It is told when the checkpoint is stored, which takes a while where that must be tried again.
  const bool calm = scenario_.fault_percent == 0 && !scenario_.limiter && !scenario_.lock &&
                    scenario_.daemons == 1 && !scenario_.odd_records;
  const Millis storing{calm ? 5'000 : 60'000};
  const Instant begin = timeline_.now() - report.took - storing - scenario_.unseen_age();
  for (const auto& [other, when] : written_[place]) {
    if (other != run && when >= begin) return;
  }
  Gaps gaps = gaps_between(master_, **site, report.id, history_, begin);
  // This pass may have moved what stood in the way, as an earlier poll may have, which looks at
  // nothing that has not changed: the next audit does.
  if (!whole || report.written.all() > 0) gaps.beside.clear();
  if (!gaps.none(scenario_.sync.extras) || !gaps.impossible.empty()) {
    fail("P8", replica + " " + report.id.str() + " is said to be in sync after a pass of kind " +
                   std::string(to_string(report.kind)) + ": " + gaps.str());
  }
}

void Judge::look_for_former_life(const Site& replica, const CollectionId& id,
                                 const std::vector<std::string>& extras) {
  const auto deleted = master_.deleted_by_history(id);
  if (!deleted) return;
  const Contents held = replica.contents(id);
  for (const std::string& one : extras) {
    if (held.at(one).stamp > *deleted) continue;
    fail("P1", replica.name() + " " + id.str() + "/" + one + "@" +
                   std::to_string(held.at(one).stamp) + " is left of before the deletion @" +
                   std::to_string(*deleted));
  }
}

void Judge::quarantined(const std::string& replica, const CollectionId& id) {
  quarantined_.insert({replica, id});
  if (!may_refuse()) fail("P8", replica + " " + id.str() + " is said to refuse a healthy record");
}

bool Judge::may_refuse() const {
  return scenario_.fault_percent > 0 || scenario_.odd_records || scenario_.odd_stamps ||
         scenario_.rights || scenario_.resets || scenario_.meddling || scenario_.losses;
}

bool Judge::is_said_in_sync(const Site& replica, const CollectionId& id) const {
  const auto state = states_.find({replica.name(), id});
  return state != states_.end() && state->second == sync::State::in_sync;
}

bool Judge::waits_for_operator(const Site& replica, const CollectionId& id) const {
  const auto state = states_.find({replica.name(), id});
  return state != states_.end() &&
         (state->second == sync::State::brake || state->second == sync::State::not_shown);
}

}  // namespace kinto_mirror::simulate
