#include "daemon/log_observer.hpp"

#include "daemon/logging.hpp"
#include "daemon/report_text.hpp"

namespace kinto_mirror::daemon {

namespace {

void add_count(Fields& fields, const RepeatGate::Told& told) {
  if (told.count < 2) return;
  fields.emplace_back("times", told.count);
  fields.emplace_back("for_s", told.lasting.count() / 1000);
}

std::string recovered_text(const std::string& replica, const std::set<std::string>& servers) {
  if (servers.empty()) return "copying to " + replica + " works again";
  std::string text;
  for (const std::string& server : servers) {
    text += text.empty() ? server + " works again" : ", and so does " + server;
  }
  return text;
}

}  // namespace

bool LogObserver::is_news(const std::optional<Error>& error) {
  if (!error || !error->stored) return true;
  return caches_.failed(error->server, clock_.now()).has_value();
}

// A pass that writes nothing is neither a load nor an audit to whoever reads the log.
std::string_view LogObserver::name_of(sync::PassKind kind) const {
  return dry_run_ ? "check" : sync::to_string(kind);
}

Fields LogObserver::fields_of(const std::string& replica,
                              const sync::CollectionReport& report) const {
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("collection", report.id.str());
  fields.emplace_back("pass", name_of(report.kind));
  fields.emplace_back("state", sync::to_string(report.state));
  fields.emplace_back("created", report.written.created);
  fields.emplace_back("updated", report.written.updated);
  fields.emplace_back("deleted", report.written.deleted);
  fields.emplace_back("ms", report.took.count());
  return fields;
}

void LogObserver::containers_done(const std::string& replica,
                                  const sync::ContainersReport& report) {
  containers_.tell(replica, report, is_news(report.error));
}

void LogObserver::pass_done(const std::string& replica, const sync::CollectionReport& report) {
  begun_.erase(report.id);
  if (begun_.empty()) progress_.clear();
  // What was not compared yet is no trouble, and no sign that one is over.
  const bool unknown = report.state == sync::State::not_compared;
  if (report.state != sync::State::in_sync) {
    if (!unknown) tell_trouble(replica, report);
  } else if (const auto told = gate_.works(replica + " " + report.id.str(), clock_.now())) {
    log_event(Level::info, "sync.recovered",
              report.id.str() + " works again after " + std::to_string(told->count) +
                  (told->count == 1 ? " failure" : " failures"),
              fields_of(replica, report));
  }
  const bool wrote = report.written.all() > 0;
  log_event(
      wrote ? Level::info : Level::debug, "sync.pass",
      std::string(name_of(report.kind)) + " of " + report.id.str() + ": " + written_text(report),
      fields_of(replica, report));
  if (!unknown) tell_state(replica, report);
  tell_notes(replica, report);
}

// Each once, for as long as it stays the same. A follow pass has none.
void LogObserver::tell_notes(const std::string& replica, const sync::CollectionReport& report) {
  if (report.kind == sync::PassKind::follow) return;
  std::vector<std::string>& known = notes_[std::pair(replica, report.id)];
  if (known == report.notes) return;
  known = report.notes;
  for (const std::string& note : known) {
    Fields fields;
    fields.emplace_back("replica", replica);
    fields.emplace_back("collection", report.id.str());
    log_event(Level::warning, "sync.note", report.id.str() + ": " + note, std::move(fields));
  }
}

void LogObserver::tell_trouble(const std::string& replica, const sync::CollectionReport& report) {
  const auto told =
      gate_.failed(replica + " " + report.id.str(), clock_.now(), to_string(report.state));
  if (!is_news(report.error) || !told) return;
  Fields fields = fields_of(replica, report);
  add_count(fields, *told);
  const bool error = report.state == sync::State::failed;
  log_event(error ? Level::error : Level::warning, "sync.trouble",
            report.id.str() + ": " + reason_text(report, caller_), std::move(fields));
}

void LogObserver::tell_state(const std::string& replica, const sync::CollectionReport& report) {
  // A follow pass compares a window: it can tell of trouble, but not that the whole is in sync.
  if (report.state == sync::State::in_sync && report.kind == sync::PassKind::follow) return;
  const auto key = std::pair(replica, report.id);
  const auto known = states_.find(key);
  if (known != states_.end() && known->second == report.state) return;
  states_[key] = report.state;
  if (report.state != sync::State::in_sync) return;  // told as trouble
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("collection", report.id.str());
  fields.emplace_back("master", report.master);
  fields.emplace_back("on_replica", report.replica);
  fields.emplace_back("extra", report.found.extra);
  log_event(Level::info, "sync.state", report.id.str() + " is in sync", std::move(fields));
}

void LogObserver::quarantined(const std::string& replica, const CollectionId& id,
                              const sync::Refusal& refusal) {
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("collection", id.str());
  fields.emplace_back("record", refusal.id);
  fields.emplace_back("status", refusal.status);
  fields.emplace_back("reason", refusal.reason);
  log_event(Level::warning, "sync.quarantine",
            "the replica refuses record " + id.str() + "/" + refusal.id + "; the others go on",
            std::move(fields));
}

void LogObserver::progress(const std::string& /*replica*/, const CollectionId& id,
                           std::int64_t done, std::int64_t total) {
  const Instant now = clock_.now();
  const auto begun = begun_.try_emplace(id, now).first->second;
  ProgressState state;
  state.what = id.str();
  state.done = done;
  state.total = total;
  state.elapsed = now - begun;
  progress_.update(state);
}

void LogObserver::round_failed(const std::string& replica, const Error& error, Millis next) {
  if (!error.server.empty()) culprits_[replica].insert(error.server);
  const auto told = gate_.failed(replica, clock_.now(), to_string(error.code));
  if (!is_news(error) || !told) return;
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("error", to_string(error.code));
  fields.emplace_back("retry_ms", next.count());
  add_count(fields, *told);
  log_event(Level::error, "server.trouble", error.message, std::move(fields));
}

void LogObserver::round_worked(const std::string& replica, std::size_t collections) {
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("collections", collections);
  const std::set<std::string> servers = std::exchange(culprits_[replica], {});
  if (const auto told = gate_.works(replica, clock_.now())) {
    fields.emplace_back("failures", told->count);
    fields.emplace_back("for_s", told->lasting.count() / 1000);
    log_event(Level::info, "server.recovered", recovered_text(replica, servers), std::move(fields));
  } else {
    log_event(Level::info, "sync.following", "following the master", std::move(fields));
  }
}

void LogObserver::notice(const std::string& replica, const CollectionId& id,
                         std::string_view message) {
  Fields fields;
  fields.emplace_back("replica", replica);
  std::string text(message);
  if (!id.bucket.empty()) {
    fields.emplace_back("collection", id.str());
    text = id.str() + ": " + text;
  }
  log_event(Level::warning, "sync.notice", std::move(text), std::move(fields));
}

}  // namespace kinto_mirror::daemon
