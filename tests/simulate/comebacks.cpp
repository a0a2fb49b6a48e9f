// What people do to the master that moves no ETag, or breaks the chain of them.

#include "people.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace kinto_mirror::simulate {

namespace json = boost::json;

model::Epoch People::stamp_of_before(const CollectionId& id, const std::string& record) {
  while (true) {
    const model::Epoch stamp = master_.now() - random_.between(60'000, 1'200'000);
    const model::Shelf* const shelf = master_.shelf(id);
    const bool taken = shelf != nullptr &&
                       shelf->by_stamp.lower_bound({stamp, ""}) != shelf->by_stamp.end() &&
                       shelf->by_stamp.lower_bound({stamp, ""})->first == stamp;
    if (!taken && !history_.had(id, record, stamp)) return stamp;
  }
}

void People::import(const CollectionId& id, std::int64_t count, const std::vector<Kept>& kept) {
  if (!master_.shows(id)) return;
  std::set<std::string> done;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string record = "i" + std::to_string(++serial_);
    std::string record_body;
    if (!scenario_.fresh_ids && random_.percent(60)) {
      record = record_id();
      const Kept* const one = kept.empty() ? nullptr : &random_.pick(kept);
      if (one != nullptr && random_.percent(60)) {
        record = one->id;
        record_body = one->body;  // as from a backup, with its stamp
      }
    }
    if (!done.insert(record).second) continue;
    if (record_body.empty()) record_body = body(stamp_of_before(id, record));
    master_.admin("PUT", records_of(id) + "/" + record, record_body);
  }
  told("master gets " + std::to_string(done.size()) + " records with stamps of before in " +
       id.str());
  looked_at();
}

void People::import() {
  import(random_.pick(scenario_.collections), random_.between(1, scenario_.while_away ? 5 : 40),
         {});
}

void People::come_back() {
  const CollectionId& id = random_.pick(scenario_.collections);
  if (!master_.shows(id) || master_.shelf(id) == nullptr) return;
  std::vector<Kept> kept;
  for (const auto& [record, object] : master_.shelf(id)->objects) {
    if (object.deleted || record.back() == '\n') continue;
    json::object data = object.data;
    data["last_modified"] = object.stamp;
    json::object whole;
    whole["data"] = std::move(data);
    kept.push_back({record, object.stamp, json::serialize(whole)});
  }
  open_.clear();  // what they wrote would belong to nothing
  on_master("DELETE", path_of(id));
  const bool between_looks = random_.percent(scenario_.unnoticed ? 90 : 40);
  const Millis away{between_looks ? random_.between(1, scenario_.sync.interval.count() / 2)
                                  : random_.between(1'000, 40'000)};
  timeline_.after(away, [this, id, kept] {
    provide_master();
    import(
        id,
        random_.percent(scenario_.unnoticed ? 90 : 40) ? std::ssize(kept) : random_.between(0, 40),
        kept);
    const auto live = std::ranges::count_if(
        master_.contents(id), [](const auto& record) { return !record.second.deleted; });
    // Where the number is the same, only the ETag tells, for as long as nothing else moves it.
    const bool by_polls = scenario_.polls_find_all() || scenario_.readers_are_safe();
    if (live == std::ssize(kept) && by_polls) {
      quiet_[id] = Instant::max();
    } else if (random_.percent(40)) {
      quiet_[id] = timeline_.now() + 4 * scenario_.sync.interval;
    }
  });
}

}  // namespace kinto_mirror::simulate
