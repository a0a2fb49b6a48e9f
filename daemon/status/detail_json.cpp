#include "daemon/status/detail_json.hpp"

#include "daemon/status/json_parts.hpp"

#include <boost/json/array.hpp>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

json::object pass_json(const PastPass& pass, const Snapshot& snapshot) {
  const bool whole = pass.kind != sync::PassKind::follow && !pass.error;
  const auto counted = [whole](std::int64_t count) -> json::value {
    return whole ? json::value(count) : json::value(nullptr);
  };
  const Millis ago = snapshot.at - pass.ended;
  json::object out;
  out["kind"] = sync::to_string(pass.kind);
  out["state"] = sync::to_string(pass.state);
  out["ended"] = snapshot.now.ms - ago.count();
  out["ago"] = seconds_json(ago);
  out["took_ms"] = pass.took.count();
  out["master"] = counted(pass.master);
  out["replica"] = counted(pass.replica);
  out["created"] = pass.written.created;
  out["updated"] = pass.written.updated;
  out["deleted"] = pass.written.deleted;
  out["missing"] = pass.found.missing;
  out["differs"] = pass.found.differs;
  out["extra"] = counted(pass.found.extra);
  out["quarantined"] = pass.quarantined;
  out["error"] = error_json(pass.error);
  return out;
}

json::object refusal_json(const sync::Quarantine::Held& held, Instant now) {
  json::object out;
  out["id"] = to_valid_utf8(held.refusal.id);
  out["status"] = held.refusal.status;
  out["reason"] = to_valid_utf8(held.refusal.reason);
  out["last_modified"] = held.refusal.stamp.ms;
  out["for"] = seconds_json(now - held.since);
  out["tries"] = held.tries;
  out["next_try"] = seconds_json(std::max(Millis{0}, held.next - now));
  return out;
}

}  // namespace

void tell_detail(json::object& collection, const CollectionDetail& detail,
                 const Snapshot& snapshot) {
  const Past& past = detail.past;
  const auto lasting = [&snapshot](std::optional<Instant> since) -> json::value {
    return since ? seconds_json(snapshot.at - *since) : json::value(nullptr);
  };
  json::object lasts;
  lasts["trouble"] = lasting(past.trouble);
  lasts["missing"] = lasting(past.missing);
  lasts["differs"] = lasting(past.differs);
  lasts["extra"] = lasting(past.extra);
  lasts["brake"] = lasting(past.brake);
  lasts["error"] = lasting(past.error);
  collection["for"] = std::move(lasts);
  json::array named;
  for (const auto& [id, since] : past.named) {
    json::object one;
    one["id"] = to_valid_utf8(id);
    one["for"] = lasting(since);
    named.push_back(std::move(one));
  }
  collection["differences"] = std::move(named);
  json::array refusals;
  for (const auto& held : detail.quarantine) refusals.push_back(refusal_json(held, snapshot.at));
  collection["quarantine"] = std::move(refusals);
  json::array passes;
  for (auto pass = past.passes.rbegin(); pass != past.passes.rend(); ++pass) {
    passes.push_back(pass_json(*pass, snapshot));
  }
  collection["passes"] = std::move(passes);
}

}  // namespace kinto_mirror::daemon
