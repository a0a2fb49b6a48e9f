#include "people.hpp"

#include "base/json_slice.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

People::People(Timeline& timeline, Random& random, const Scenario& scenario, Site& master,
               const std::vector<std::unique_ptr<Site>>& replicas, History& history, Judge& judge,
               Trace& trace)
    : timeline_(timeline),
      random_(random),
      scenario_(scenario),
      master_(master),
      replicas_(replicas),
      history_(history),
      judge_(judge),
      trace_(trace),
      replicas_backups_(replicas.size()) {}

void People::told(const std::string& what) const {
  trace_.add([&] { return "* " + what; });
}

void People::looked_at() {
  history_.look(master_.kinto().store(), timeline_.now());
  for (const CollectionId& id : scenario_.collections) {
    history_.look(id, master_.shelf(id), timeline_.now());
  }
}

void People::on_master(std::string method, const std::string& path, std::string body) {
  const std::string what = "master " + method + " " + path + " " + body;
  const http::Response response = master_.admin(std::move(method), path, std::move(body));
  told(what + " -> " + std::to_string(response.status));
  looked_at();
}

std::string People::body(std::optional<model::Epoch> stamp) {
  std::string out = R"({"data":{"n":)" + std::to_string(++serial_) + R"(,"title":"t)" +
                    std::to_string(random_.below(1000)) + "\"";
  if (scenario_.odd_records && !scenario_.resets && random_.percent(10)) {
    out += R"(,"deleted":true)";  // a reset between two requests makes a tombstone of it
  }
  if (scenario_.odd_records && random_.percent(3)) out += R"(,"evil":"a\u0000b")";
  if (stamp) out += R"(,"last_modified":)" + std::to_string(*stamp);
  return out + "}}";
}

// Among stamps below 0 PostgreSQL, which holds each once, cannot be asked for a free one.
int People::below_zero() {
  const bool possible =
      std::ranges::all_of(replicas_, [](const auto& site) { return site->on_memory(); });
  return possible && random_.percent(50) ? -1 : 1;
}

std::string People::record_id() {
  if (scenario_.odd_records && random_.percent(4)) {
    return random_.percent(50) ? "batch-1" : "a%0A";
  }
  return "r" + std::to_string(random_.below(50));
}

void People::put(const CollectionId& id, const std::string& record,
                 std::optional<model::Epoch> stamp) {
  on_master("PUT", records_of(id) + "/" + record, body(stamp));
}

void People::provide_master() {
  for (const CollectionId& id : scenario_.collections) {
    // Whoever provided it before stays in, and so do the lists.
    const bool there = scenario_.containers && master_.shows(id);
    if (!there) master_.provide(id, "read");
  }
  show_lists();
  // Readable, and nobody's business.
  for (const CollectionId& id : {CollectionId("other", "a"), CollectionId("bb", "a")}) {
    master_.provide(id, "read");
    master_.admin("PUT", records_of(id) + "/x", R"({"data":{"own":2}})");
  }
}

void People::begin() {
  provide_master();
  for (const CollectionId& id : scenario_.collections) {
    for (std::int64_t i = 0; i < scenario_.records; ++i) put(id, record_id(), std::nullopt);
  }
  for (const auto& replica : replicas_) {
    // What belongs to nobody here must stay as it is.
    replica->admin("PUT", "/buckets/own");
    replica->admin("PUT", "/buckets/own/collections/a");
    replica->admin("PUT", "/buckets/own/collections/a/records/x",
                   R"({"data":{"own":1,"last_modified":7}})");
    provide_neighbours(*replica);
    if (!scenario_.prepared) continue;
    for (const CollectionId& id : scenario_.collections) {
      replica->provide(id, "write");
      // Beside these the replica's number tells nothing of what is missing.
      for (int i = 0; scenario_.while_away && i < 5; ++i) {
        replica->admin("PUT", records_of(id) + "/own-" + std::to_string(i), R"({"data":{}})");
      }
    }
    if (scenario_.meddling) meddle();
  }
  looked_at();
}

std::string People::a_record_of(Site& site, const CollectionId& id) {
  std::vector<std::string> live;
  if (const model::Shelf* const shelf = site.shelf(id)) {
    for (const auto& [name, held] : shelf->objects) {
      if (!held.deleted && name.back() != '\n') live.push_back(name);
    }
  }
  return live.empty() ? record_id() : random_.pick(live);
}

void People::update_one_of_each() {
  for (const CollectionId& id : scenario_.collections) {
    if (!master_.shows(id)) continue;
    const std::string path = records_of(id) + "/" + a_record_of(master_, id);
    on_master("PATCH", path, body(std::nullopt));
  }
}

void People::write() {
  const CollectionId& id = random_.pick(scenario_.collections);
  if (const auto quiet = quiet_.find(id); quiet != quiet_.end() && timeline_.now() < quiet->second)
    return;
  if (scenario_.odd_stamps && random_.percent(40)) return write_odd_stamp(id);
  if (scenario_.late_commits && random_.percent(30)) return write_late(id);
  const std::string path = records_of(id) + "/" + a_record_of(master_, id);
  switch (random_.below(10)) {
    case 0:
    case 1:
      return on_master("DELETE", path);
    case 2:
      return on_master("PATCH", path, body(std::nullopt));
    case 3:
      return write_batch(id);
    case 4:
      if (!random_.percent(15)) break;
      return on_master("DELETE", records_of(id) + (random_.percent(50) ? "?max_n=" : "?min_n=") +
                                     std::to_string(random_.below(serial_ + 2)));
    default:
      break;
  }
  put(id, record_id(), std::nullopt);
}

void People::write_batch(const CollectionId& id) {
  std::string requests;
  const std::int64_t count = random_.between(2, 6);
  for (std::int64_t i = 0; i < count; ++i) {
    const bool erase = random_.percent(25);
    requests += requests.empty() ? "" : ",";
    requests += std::string(R"({"method":")") + (erase ? "DELETE" : "PUT") + R"(","path":")" +
                records_of(id) + "/r" + std::to_string(random_.below(50)) + "\"";
    requests += erase ? "}" : R"(,"body":)" + body(std::nullopt) + "}";
  }
  on_master("POST", "/batch", R"({"requests":[)" + requests + "]}");
}

// A stamp that the client chose. The same record never gets one that it had before, since no
// comparison of stamps could tell the two versions apart.
void People::write_odd_stamp(const CollectionId& id) {
  const std::string record = record_id();
  model::Epoch stamp = master_.now() - random_.between(1, 3'600'000);
  const std::string other = a_record_of(master_, id);
  const Contents all = master_.contents(id);
  switch (random_.below(8)) {
    case 0:
      stamp = master_.now() + random_.between(1, 3'600'000);
      break;
    case 1:
      if (!scenario_.very_odd_stamps) break;
      // Not 0, which a PATCH keeps although it changes the record.
      stamp = random_.percent(50) ? below_zero() * random_.between(1, 3)
                                  : master_.now() + 2LL * 24 * 3'600'000;
      break;
    case 2:
    case 3:
    case 4:
      if (const auto held = all.find(other); held != all.end()) stamp = held->second.stamp;
      break;
    default:
      break;
  }
  if (history_.had(id, record, stamp)) return;
  if (random_.percent(20)) {
    return on_master("DELETE", records_of(id) + "/" + other + "?last_modified=" +
                                   std::to_string(master_.now() + random_.between(-5'000, 60'000)));
  }
  put(id, record, stamp);
}

// PostgreSQL: a transaction that takes its stamp now and commits later.
void People::write_late(const CollectionId& id) {
  if (master_.on_memory()) return put(id, record_id(), std::nullopt);
  const std::string path = records_of(id) + "/r" + std::to_string(random_.below(50));
  const bool erase = random_.percent(25);
  const auto held = master_.kinto().hold(
      Site::admins(erase ? "DELETE" : "PUT", path, erase ? "" : body(std::nullopt)));
  told("master begins " + path);
  open_.push_back(held);
  const Instant begun = timeline_.now();
  const bool in_overlap = scenario_.follow_alone || random_.percent(80);
  const Millis longest = std::min(Millis{20'000}, scenario_.sync.overlap / 2);
  const Millis open_for{in_overlap ? random_.between(10, longest.count())
                                   : random_.between(20'000, 200'000)};
  timeline_.after(open_for, [this, held, path, id, begun] {
    if (std::erase(open_, held) == 0) return;
    // PostgreSQL would have let the other writer of a row wait; here this one gives way.
    if (history_.changed(id, path.substr(path.rfind('/') + 1)) >= begun) return;
    const http::Response response = master_.kinto().commit(held);
    told("master commits " + path + " -> " + std::to_string(response.status));
    looked_at();
  });
}

void People::move_clocks() {
  Site& site = random_.percent(50) ? master_ : *random_.pick(replicas_);
  const Millis by{random_.between(-120'000, 120'000)};
  told(site.name() + "'s clock jumps by " + std::to_string(by.count()) + " ms");
  site.jump(by);
}

void People::make_peace() {
  told("peace");
  open_.clear();  // what is not committed now never will be
  for (const auto& replica : replicas_) {
    if (!scenario_.prepared || !scenario_.rights) continue;
    for (const CollectionId& id : scenario_.collections) {
      if (replica->shows(id)) replica->provide(id, "write");
    }
  }
  if (scenario_.rights || random_.percent(80)) provide_master();
  looked_at();
}

}  // namespace kinto_mirror::simulate
