#include "daemon/webhook/news.hpp"

#include "daemon/report_text.hpp"
#include "daemon/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

constexpr std::string_view in_sync = "in-sync";

// What goes away by itself needs nobody.
bool needs_hand(const sync::CollectionReport& report) noexcept {
  switch (report.state) {
    case sync::State::brake:
    case sync::State::degraded:
    case sync::State::not_shown:
      return true;
    case sync::State::failed:
      return report.error && !is_transient(report.error->code);
    default:
      return false;
  }
}

json::object entry_of(const std::pair<std::string, std::string>& key) {
  json::object out;
  out["replica"] = key.first;
  if (!key.second.empty()) out["collection"] = to_valid_utf8(key.second);
  return out;
}

json::object entry_of(const std::pair<std::string, std::string>& key,
                      const sync::Written& written) {
  json::object out = entry_of(key);
  out["created"] = written.created;
  out["updated"] = written.updated;
  out["deleted"] = written.deleted;
  return out;
}

std::string iso_time(Stamp now) {
  constexpr std::int64_t second = 1000;
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(now.ms / second));
  return fmt::format("{:%FT%T}.{:03}Z", time, now.ms % second);
}

}  // namespace

void WebhookNews::tell() {
  if (!std::exchange(any_, true)) woken_();
}

template <class Value>
Value* WebhookNews::room(std::map<Key, Value>& entries, const Key& key) {
  if (entries.size() < max_told || entries.contains(key)) return &entries[key];
  ++next_.omitted;
  return nullptr;
}

void WebhookNews::trouble(const Key& key, Trouble trouble) {
  if (std::exchange(states_[key], trouble.state) == trouble.state) return;
  tell();
  next_.in_sync.erase(key);
  if (Trouble* const told = room(next_.troubles, key)) *told = std::move(trouble);
}

void WebhookNews::well(const Key& key, bool came) {
  if (std::exchange(states_[key], in_sync) == in_sync || !came) return;
  tell();
  next_.troubles.erase(key);
  if (bool* const told = room(next_.in_sync, key)) *told = true;
}

void WebhookNews::pass_done(const std::string& replica, const sync::CollectionReport& report) {
  const Key key(replica, report.id.str());
  if (report.written.all() > 0) {
    tell();
    if (sync::Written* const written = room(next_.changed, key)) *written += report.written;
  }
  if (report.state == sync::State::in_sync) {
    // What was in order when the daemon started has not become so.
    return well(key, states_.contains(key) || report.kind == sync::PassKind::load);
  }
  // What was followed, and not compared yet, says nothing of before.
  if (report.state == sync::State::not_compared) return;
  if (needs_hand(report)) {
    Caller daemon;
    daemon.follows = true;
    return trouble(key, {std::string(to_string(report.state)), reason_text(report, daemon)});
  }
  states_[key] = to_string(report.state);
}

void WebhookNews::containers_done(const std::string& replica,
                                  const sync::ContainersReport& report) {
  if (report.written.all() == 0) return;
  tell();
  if (sync::Written* const written = room(next_.containers, Key(replica, ""))) {
    *written += report.written;
  }
}

void WebhookNews::round_failed(const std::string& replica, const Error& error, Millis) {
  const Key key(replica, "");
  if (is_transient(error.code)) {
    states_.try_emplace(key, to_string(error.code));
    return;
  }
  trouble(key, {std::string(to_string(error.code)), error.message});
}

void WebhookNews::round_worked(const std::string& replica, std::size_t) {
  const Key key(replica, "");
  well(key, states_.contains(key));
}

std::string WebhookNews::take(Stamp now) {
  taken_ = std::exchange(next_, {});
  any_ = false;
  json::array changed;
  for (const auto& [key, written] : taken_.changed) changed.push_back(entry_of(key, written));
  json::array containers;
  for (const auto& [key, written] : taken_.containers) containers.push_back(entry_of(key, written));
  json::array well;
  for (const auto& [key, told] : taken_.in_sync) well.push_back(entry_of(key));
  json::array troubles;
  for (const auto& [key, trouble] : taken_.troubles) {
    json::object one = entry_of(key);
    one["state"] = trouble.state;
    one["reason"] = to_valid_utf8(guard_.clean(trouble.reason));
    troubles.push_back(std::move(one));
  }
  json::object data;
  data["changed"] = std::move(changed);
  data["containers"] = std::move(containers);
  data["in_sync"] = std::move(well);
  data["needs_hand"] = std::move(troubles);
  data["omitted"] = taken_.omitted;
  json::object out;
  out["type"] = "kinto-mirror.news";
  out["timestamp"] = iso_time(now);
  out["data"] = std::move(data);
  return json::serialize(out);
}

void WebhookNews::take_back() {
  const Told taken = std::exchange(taken_, {});
  next_.omitted += taken.omitted;
  for (const auto& [key, written] : taken.changed) {
    if (sync::Written* const now = room(next_.changed, key)) *now += written;
  }
  for (const auto& [key, written] : taken.containers) {
    if (sync::Written* const now = room(next_.containers, key)) *now += written;
  }
  for (const auto& [key, told] : taken.in_sync) {
    if (states_[key] != in_sync) continue;
    if (bool* const now = room(next_.in_sync, key)) *now = told;
  }
  for (const auto& [key, trouble] : taken.troubles) {
    if (states_[key] != trouble.state) continue;
    if (Trouble* const now = room(next_.troubles, key)) *now = trouble;
  }
}

}  // namespace kinto_mirror::daemon
