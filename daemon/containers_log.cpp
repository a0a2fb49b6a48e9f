#include "daemon/containers_log.hpp"

#include "daemon/containers_text.hpp"
#include "daemon/logging.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

Fields fields_of(const std::string& replica, const sync::ContainersReport& report) {
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("state", sync::to_string(report.state));
  fields.emplace_back("same", report.same);
  fields.emplace_back("created", report.written.created);
  fields.emplace_back("updated", report.written.updated);
  fields.emplace_back("deleted", report.written.deleted);
  fields.emplace_back("differences", report.differences.size());
  return fields;
}

// What only the replica has is trouble where it counts as a difference, and then the state and the
// report tell it.
Level level_of(const sync::ContainerDifference& difference) {
  return difference.kind == sync::ContainerDifference::Kind::extra ? Level::info : Level::warning;
}

void tell_one(const std::string& replica, const sync::ContainerDifference& one, Level level,
              std::string text) {
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("container", one.id);
  fields.emplace_back("kind", sync::to_string(one.kind));
  log_event(level, "sync.container", std::move(text), std::move(fields));
}

void tell_rest(const std::string& replica, std::size_t count, Level level, std::string_view what) {
  if (count <= ContainersLog::max_lines) return;
  const std::size_t rest = count - ContainersLog::max_lines;
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("containers", rest);
  log_event(level, "sync.container", std::to_string(rest) + " more containers " + std::string(what),
            std::move(fields));
}

}  // namespace

void ContainersLog::tell(const std::string& replica, const sync::ContainersReport& report,
                         bool is_news) {
  if (report.error) return tell_failure(replica, *report.error, is_news);
  if (const auto told = gate_.works(replica, clock_.now())) {
    log_event(Level::info, "sync.recovered",
              "the containers of " + replica + " work again after " + std::to_string(told->count) +
                  (told->count == 1 ? " failure" : " failures"),
              fields_of(replica, report));
  }
  log_event(report.written.all() > 0 ? Level::info : Level::debug, "sync.containers",
            "containers of " + replica + ": " + counts_text(report), fields_of(replica, report));
  tell_differences(replica, report);
  const bool in_sync = report.state == sync::State::in_sync;
  const auto known = in_sync_.find(replica);
  if (in_sync && (known == in_sync_.end() || !known->second)) {
    log_event(Level::info, "sync.state", "the containers of " + replica + " are in sync",
              fields_of(replica, report));
  }
  in_sync_[replica] = in_sync;
}

// Of what was not compared, nothing is known to be over.
void ContainersLog::tell_failure(const std::string& replica, const Error& error, bool is_news) {
  in_sync_[replica] = false;
  const auto told = gate_.failed(replica, clock_.now(), to_string(error.code));
  if (!told || !is_news) return;
  Fields fields;
  fields.emplace_back("replica", replica);
  fields.emplace_back("state", sync::to_string(sync::State::failed));
  fields.emplace_back("error", to_string(error.code));
  fields.emplace_back("times", told->count);
  log_event(Level::error, "sync.trouble",
            "the containers of " + replica + " were not compared: " + error.message,
            std::move(fields));
}

void ContainersLog::tell_differences(const std::string& replica,
                                     const sync::ContainersReport& report) {
  Differences& known = known_[replica];
  Differences now;
  std::size_t fresh = 0;
  for (const sync::ContainerDifference& one : report.differences) {
    const std::string key = one.id + " " + std::string(sync::to_string(one.kind));
    now.emplace(key, one);
    const auto before = known.find(key);
    if (before != known.end() && before->second == one) continue;
    if (++fresh > max_lines) continue;
    tell_one(replica, one, level_of(one), difference_text(one));
  }
  tell_rest(replica, fresh, Level::warning, "are not as they should be");
  std::size_t over = 0;
  for (const auto& [key, one] : known) {
    if (now.contains(key) || ++over > max_lines) continue;
    tell_one(replica, one, Level::info,
             one.id + ": over (" + std::string(sync::to_string(one.kind)) + ")");
  }
  tell_rest(replica, over, Level::info, "are as they should be again");
  known = std::move(now);
}

}  // namespace kinto_mirror::daemon
