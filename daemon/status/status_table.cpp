#include "daemon/status/status_table.hpp"

#include "daemon/brake_advice.hpp"
#include "daemon/durations.hpp"
#include "daemon/text.hpp"
#include "sync/decide/report.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

constexpr std::string_view unknown = "-";

const json::value* find(const json::value& object, std::string_view key) {
  return object.is_object() ? object.as_object().if_contains(key) : nullptr;
}

std::string text_of(const json::value& object, std::string_view key) {
  const json::value* found = find(object, key);
  if (found == nullptr || found->is_null()) return std::string(unknown);
  if (found->is_string()) return printable(found->get_string());
  return printable(json::serialize(*found));
}

std::string time_of(const json::value& object, std::string_view key) {
  const json::value* found = find(object, key);
  if (found == nullptr || !found->is_int64()) return std::string(unknown);
  return format_duration(std::chrono::seconds(found->get_int64()));
}

bool is_true(const json::value& object, std::string_view key) {
  const json::value* found = find(object, key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string last_pass(const json::value& collection) {
  const json::value* pass = find(collection, "last_pass");
  if (pass == nullptr || pass->is_null()) return std::string(unknown);
  return text_of(*pass, "kind") + ", " + time_of(*pass, "ago") + " ago";
}

const json::array& list_of(const json::value& object, std::string_view key) {
  static const json::array none;
  const json::value* found = find(object, key);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

using Row = std::vector<std::string>;

// Nothing of it is known yet: the numbers of its records are none.
bool is_new(const json::value& collection) {
  return text_of(collection, "state") == sync::to_string(sync::State::waiting);
}

// "loading: 42% (5000 of 12000 records, 250/s, 20s left)", of a pass that is under way.
std::string walk_text(const json::value& collection) {
  const json::value* progress = find(collection, "progress");
  if (progress == nullptr || !progress->is_object()) return "";
  const auto number = [progress](std::string_view key) {
    const json::value* found = find(*progress, key);
    return found != nullptr && found->is_int64() ? found->get_int64() : 0;
  };
  const std::int64_t total = number("total");
  const double part =
      total > 0 ? static_cast<double>(number("done")) / static_cast<double>(total) : 0;
  std::string text =
      fmt::format("{}: {}% ({} of {} records, {}/s", is_new(collection) ? "loading" : "comparing",
                  static_cast<int>(100 * part), number("done"), total, number("per_second"));
  const std::string left = time_of(*progress, "left");
  return text + (left == unknown ? ")" : ", " + left + " left)");
}

Row row_of(const json::value& collection) {
  const bool none = is_new(collection);
  return {text_of(collection, "id"),
          text_of(collection, "state"),
          time_of(collection, "lag"),
          none ? std::string(unknown) : text_of(collection, "master"),
          none ? std::string(unknown) : text_of(collection, "replica"),
          text_of(collection, "quarantined"),
          last_pass(collection),
          time_of(collection, "next_pass"),
          time_of(collection, "next_audit")};
}

// " (a, b, ...)": the first ids that are told.
std::string some_of(const json::value& brake) {
  std::string ids;
  for (const json::value& id : list_of(brake, "ids")) {
    if (!id.is_string()) continue;
    const json::string& text = id.get_string();
    ids += (ids.empty() ? "" : ", ") + printable(std::string_view(text.data(), text.size()));
  }
  return ids.empty() ? "" : " (" + ids + ", ...)";
}

// What the columns do not hold, one line each.
std::vector<std::string> remarks(const json::value& collection) {
  std::vector<std::string> lines;
  if (std::string walk = walk_text(collection); !walk.empty()) lines.push_back(std::move(walk));
  if (const json::value* error = find(collection, "error"); error != nullptr && !error->is_null()) {
    lines.push_back(text_of(*error, "message"));
  }
  if (const json::value* brake = find(collection, "brake"); brake != nullptr && !brake->is_null()) {
    const std::string deletes = text_of(*brake, "would_delete");
    const std::string allowed = text_of(*brake, "allowed");
    // 0: the master looks lost, or --max-delete is 0. Everything goes where 100% is given.
    const std::string needed = allowed == "0" || deletes == unknown ? "100%" : deletes;
    const std::string id = text_of(collection, "id");
    lines.push_back("the brake holds " + deletes + " deletes" + some_of(*brake) + ", " + allowed +
                    " are allowed; `kinto-mirror release " + id +
                    "` lets them go, once; where no orders are taken, to let them go: " +
                    release_command(id, needed, Caller()));
  }
  for (const json::value& one : list_of(collection, "quarantine")) {
    lines.push_back("quarantined " + text_of(one, "id") + ": " + text_of(one, "status") + " " +
                    text_of(one, "reason"));
  }
  return lines;
}

std::string line_of(const Row& row, const std::vector<std::size_t>& widths) {
  std::string line = " ";
  for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format(" {:<{}}", row[i], widths[i]);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string collections_text(const json::array& collections) {
  const Row head{"COLLECTION",  "STATE",     "LAG",       "MASTER",    "REPLICA",
                 "QUARANTINED", "LAST-PASS", "NEXT-LOOK", "NEXT-AUDIT"};
  std::vector<Row> rows{head};
  for (const json::value& collection : collections) rows.push_back(row_of(collection));
  std::vector<std::size_t> widths(head.size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out = line_of(rows.front(), widths);
  for (std::size_t i = 0; i < collections.size(); ++i) {
    out += line_of(rows[i + 1], widths);
    for (const std::string& remark : remarks(collections[i])) out += "      " + remark + "\n";
  }
  return out;
}

// One line, and one for each difference.
std::string containers_text(const json::value& replica) {
  const json::value* containers = find(replica, "containers");
  if (containers == nullptr || !containers->is_object()) return "";
  std::string out = fmt::format("  containers: {}, {} same\n", text_of(*containers, "state"),
                                text_of(*containers, "same"));
  if (const json::value* error = find(*containers, "error")) {
    out += "      " + text_of(*error, "message") + "\n";
  }
  for (const json::value& one : list_of(*containers, "differences")) {
    out += fmt::format("      {} {}: {}\n", text_of(one, "id"), text_of(one, "kind"),
                       text_of(one, "reason"));
  }
  return out;
}

std::string replica_text(const json::value& replica) {
  const std::string next = time_of(replica, "next_pass");
  std::string out = fmt::format(
      "{} {}: {}, {}, lag {}, {}\n", text_of(replica, "name"), text_of(replica, "url"),
      text_of(replica, "state"), is_true(replica, "in_sync") ? "in sync" : "NOT in sync",
      time_of(replica, "lag"), next == unknown ? "looking now" : "next look in " + next);
  if (const json::value* error = find(replica, "error"); error != nullptr && !error->is_null()) {
    out += "  failing for " + time_of(replica, "failing_for") + ": " + text_of(*error, "message") +
           "\n";
  }
  out += containers_text(replica);
  const json::array& collections = list_of(replica, "collections");
  return out + (collections.empty() ? "  no collection yet\n" : collections_text(collections));
}

// Of a daemon that calls one.
std::string webhook_text(const json::value& status) {
  const json::value* webhook = find(status, "webhook");
  if (webhook == nullptr || !webhook->is_object()) return "";
  std::string out =
      fmt::format("webhook: {}, {} delivered, {} given up\n", text_of(*webhook, "state"),
                  text_of(*webhook, "delivered"), text_of(*webhook, "given_up"));
  if (const json::value* error = find(*webhook, "error"); error != nullptr && !error->is_null()) {
    out += "  failing for " + time_of(*webhook, "failing_for") + ": " + text_of(*error, "message") +
           "\n";
  }
  return out;
}

// Of one that shares its work.
std::string shard_text(const json::value& status) {
  const std::string shard = text_of(status, "shard");
  return shard == unknown || shard == "0/1" ? "" : "shard " + shard + ", ";
}

std::string uptime(const json::value& status) {
  const json::value* now = find(status, "now");
  const json::value* started = find(status, "started");
  if (now == nullptr || started == nullptr || !now->is_int64() || !started->is_int64()) {
    return std::string(unknown);
  }
  const std::int64_t ms = std::max<std::int64_t>(0, now->get_int64() - started->get_int64());
  return format_duration(std::chrono::seconds(ms / 1000));
}

}  // namespace

Result<std::string> status_table(std::string_view text) {
  boost::system::error_code error;
  const json::value status = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !status.is_object()) {
    return Error(Errc::rejected, "the answer is no state of kinto-mirror's");
  }
  std::string out =
      fmt::format("kinto-mirror {}, {}up {}, {}\n", text_of(status, "version"), shard_text(status),
                  uptime(status), is_true(status, "in_sync") ? "in sync" : "NOT in sync");
  if (const json::value* master = find(status, "master")) {
    out += fmt::format("{} {}: {}\n", text_of(*master, "name"), text_of(*master, "url"),
                       text_of(*master, "state"));
  }
  for (const json::value& replica : list_of(status, "replicas")) out += replica_text(replica);
  return out + webhook_text(status);
}

}  // namespace kinto_mirror::daemon
