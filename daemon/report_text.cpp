#include "daemon/report_text.hpp"

#include "daemon/brake_advice.hpp"
#include "daemon/containers_text.hpp"
#include "daemon/text.hpp"

#include <fmt/format.h>

namespace kinto_mirror::daemon {

namespace {

bool is_file(const Caller& caller) {
  return caller.source == Caller::Source::file;
}

std::string brake_text(const sync::CollectionReport& collection, const Caller& caller) {
  if (!collection.brake) return "the brake holds";
  const sync::BrakeReport& brake = *collection.brake;
  std::string ids;
  for (const std::string& id : brake.ids) ids += (ids.empty() ? "" : ", ") + printable(id);
  const auto more = brake.would_delete - static_cast<std::int64_t>(brake.ids.size());
  if (more > 0) ids += fmt::format(" and {} more", more);
  return fmt::format(
      "the brake holds: {} records that only the replica has would be deleted ({}), and {}; to let "
      "them go: {}{}",
      brake.would_delete, ids, allowed_text(brake.allowed, brake.master_lost, caller),
      caller.follows ? "kinto-mirror release " + shell_word(collection.id.str()) +
                           "; where no orders are taken: "
                     : "",
      release_command(collection.id.str(), max_delete_for(brake), caller));
}

// Of a comparison that writes nothing.
std::string brake_ahead_text(const sync::CollectionReport& collection, const Caller& caller) {
  if (!collection.brake) return "";
  const sync::BrakeReport& brake = *collection.brake;
  return fmt::format(
      "; the brake would hold: {} of the replica's {} records are only there and would be deleted, "
      "and {}; --max-delete {} would let them go",
      brake.would_delete, collection.replica,
      allowed_text(brake.allowed, brake.master_lost, caller), max_delete_for(brake));
}

// Where they are a difference, the reason counts them.
std::string kept_text(const sync::CollectionReport& collection) {
  const std::int64_t kept = collection.found.extra - collection.found.undeleted;
  if (kept <= 0 || !reason_text(collection).empty()) return "";
  return fmt::format(", {} only on the replica (kept)", kept);
}

std::string differences_text(const sync::CollectionReport& collection, const Caller& caller) {
  std::string examples;
  for (const std::string& id : collection.examples) {
    examples += (examples.empty() ? ": " : ", ") + printable(id);
  }
  return fmt::format("{} missing, {} differ, {} extra{}{}", collection.found.missing,
                     collection.found.differs, collection.found.extra,
                     collection.found.undeleted > 0
                         ? fmt::format(" ({} deleted {} {})", collection.found.undeleted,
                                       is_file(caller) ? "in" : "on", caller.from())
                         : std::string(),
                     examples);
}

// Kinto does not tell what does not exist from what one may not see.
std::string not_shown_text(const sync::CollectionReport& collection, const Caller& caller) {
  const std::string_view what = collection.id.collection == "*" ? "bucket" : "collection";
  const std::string why = collection.error ? " (" + collection.error->message + ")" : std::string();
  if (is_file(caller)) {
    return fmt::format("the file does not hold this {}; nothing is deleted{}", what, why);
  }
  return fmt::format(
      "the master does not show this {}: it does not exist there, or the master's user may not "
      "read it; nothing is deleted{}",
      what, why);
}

std::string degraded_text(const sync::CollectionReport& collection) {
  if (collection.quarantined.empty()) {
    return fmt::format("{} records wait in quarantine, since the replica refused them",
                       collection.waiting);
  }
  std::string refused =
      fmt::format("{} records are refused by the replica", collection.quarantined.size());
  if (collection.waiting == 0) return refused;
  return fmt::format("{}; {} more wait in quarantine", refused, collection.waiting);
}

std::string containers_lines(const sync::ContainersReport& containers) {
  std::string out = fmt::format("  {:<40} {:<10} {}\n", "containers",
                                sync::to_string(containers.state), counts_text(containers));
  if (containers.error) out += "    " + printable(containers.error->message) + "\n";
  for (const sync::ContainerDifference& one : containers.differences) {
    out += "    " + printable(difference_text(one)) + "\n";
  }
  return out;
}

}  // namespace

std::string written_text(const sync::CollectionReport& collection) {
  if (collection.written.all() == 0) return "nothing written";
  return fmt::format("{} created, {} updated, {} deleted", collection.written.created,
                     collection.written.updated, collection.written.deleted);
}

std::string reason_text(const sync::CollectionReport& collection, const Caller& caller) {
  switch (collection.state) {
    case sync::State::in_sync:
      return "";
    case sync::State::different:
      return differences_text(collection, caller) + brake_ahead_text(collection, caller);
    case sync::State::degraded:
      return degraded_text(collection);
    case sync::State::brake:
      return brake_text(collection, caller);
    case sync::State::not_shown:
      return not_shown_text(collection, caller);
    case sync::State::not_compared:
    case sync::State::waiting:
    case sync::State::behind:
    case sync::State::paused:
      return "not compared yet, since the daemon started or since something broke the chain of "
             "looks";
    case sync::State::failed:
      return collection.error ? collection.error->message : "not compared";
  }
  return "";
}

std::string report_text(const sync::RunReport& report, const Caller& caller) {
  std::string out;
  for (const sync::ReplicaReport& replica : report.replicas) {
    out += fmt::format("{} {}\n", replica.name, replica.url);
    if (replica.error) out += "  not compared: " + printable(replica.error->message) + "\n";
    const bool empty = !replica.error && replica.collections.empty();
    if (empty && replica.elsewhere > 0) {
      out += fmt::format("  no collection to compare: the {} in scope are of the other shards\n",
                         replica.elsewhere);
    } else if (empty) {
      out += is_file(caller)
                 ? "  nothing compared: no collection of the file is in scope; see --collections\n"
                 : "  nothing compared: no collection that the master shows to its user is in "
                   "scope; check the name and the password of that user, and its right to read\n";
    }
    if (!replica.error) out += containers_lines(replica.containers);
    for (const sync::CollectionReport& collection : replica.collections) {
      out += fmt::format("  {:<40} {:<10} {} {}, replica {}: {} same, {}{}\n", collection.id.str(),
                         sync::to_string(collection.state), is_file(caller) ? "file" : "master",
                         collection.master, collection.replica, collection.same,
                         written_text(collection), kept_text(collection));
      const std::string reason = reason_text(collection, caller);
      if (!reason.empty()) out += "    " + printable(reason) + "\n";
      for (const std::string& note : collection.notes) {
        out += "    note: " + printable(note) + "\n";
      }
      for (const sync::Refusal& refusal : collection.quarantined) {
        out += fmt::format("    quarantined {}: {} {}\n", printable(refusal.id), refusal.status,
                           printable(refusal.reason));
      }
    }
  }
  out += report.in_sync() ? "in sync\n" : "NOT in sync\n";
  return out;
}

}  // namespace kinto_mirror::daemon
