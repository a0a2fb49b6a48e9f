#include "daemon/dump_commands.hpp"

#include "daemon/compare.hpp"
#include "daemon/dump_report.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/logging.hpp"
#include "daemon/progress.hpp"
#include "daemon/secrets.hpp"
#include "sync/dump/dump.hpp"
#include "sync/dump/file_kinto.hpp"

#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

using sync::dump::Contents;
using sync::dump::Dumped;
using sync::dump::Output;

// How far each collection is.
class Watcher {
 public:
  explicit Watcher(const Clock& clock) : clock_(clock) {}

  void progress(const CollectionId& id, std::int64_t done, std::int64_t total) {
    if (id != id_) begun_ = clock_.now();
    id_ = id;
    ProgressState state;
    state.what = id.str();
    state.done = done;
    state.total = total;
    state.elapsed = clock_.now() - begun_;
    line_.update(state);
  }
  void clear() { line_.clear(); }

 private:
  const Clock& clock_;
  Progress line_;
  CollectionId id_;
  Instant begun_{};
};

Task<void> make(const Config& config, Session& session, Output& output, Watcher& watcher,
                Result<Dumped>& made) {
  TaskGroup background(co_await boost::asio::this_coro::executor);
  sync::dump::Job job{
      session.master(), output, session.clock(), session.stop(), background, {}, {}};
  job.progress = [&watcher](const CollectionId& id, std::int64_t done, std::int64_t total) {
    watcher.progress(id, done, total);
  };
  job.notice = [](std::string_view message) {
    log_event(Level::warning, "dump.notice", std::string(message));
  };
  const sync::Scope scope(config.sync.collections, config.sync.shard);
  made = co_await sync::dump::make_dump(job, scope, config.sync.collections);
  co_await background.join();
}

int tell(const Config& config, const Result<Dumped>& made, std::int64_t bytes) {
  if (made) {
    Fields fields;
    fields.emplace_back("file", config.dump_file);
    fields.emplace_back("bytes", bytes);
    fields.emplace_back("records", made->totals.records);
    log_event(Level::info, "dump.done", "the dump is whole", std::move(fields));
  } else {
    Fields fields;
    fields.emplace_back("error", to_string(made.error().code));
    log_event(Level::error, "dump.failed", made.error().message + "; no dump was made",
              std::move(fields));
  }
  flush_log();
  SecretGuard guard;
  guard.add(secrets_of(config));
  // The dump itself has stdout.
  if (config.dump_file != "-") {
    std::cout << guard.clean(config.json ? dump_json(config.dump_file, made, bytes)
                                         : dump_text(config.dump_file, made, bytes));
  }
  return to_int(made ? ExitCode::ok : exit_code_of(made.error().code));
}

// A file that names no collection is restored into the one that was asked for.
std::optional<CollectionId> only_collection(const Config& config) {
  const std::vector<CollectionId> named = sync::Scope(config.sync.collections).named();
  if (named.size() != 1 || config.sync.collections.size() != 1) return std::nullopt;
  return named.front();
}

// Where the file does not tell what `asked` needs, it is `instead`.
template <class Setting>
void settle(bool told, Setting& asked, Setting instead, const char* what) {
  if (told || asked == instead) return;
  asked = instead;
  log_event(Level::info, "restore.notice",
            std::string("the file does not tell ") + what + ": what the replica has stays");
}

// What the file tells is what may be asked of it.
void fit(sync::Options& options, const Config& config, const Contents& contents) {
  const auto shown = config.shown.find("sync.collections");
  const bool given =
      shown != config.shown.end() && shown->second.origin.kind != Origin::Kind::fallback;
  if (!given && !contents.collections.empty()) options.collections = contents.collections;
  const sync::dump::Told& told = contents.told;
  settle(told.metadata, options.metadata, sync::Metadata::create, "metadata");
  settle(told.permissions, options.permissions, sync::Permissions::keep, "who has which rights");
  settle(told.groups, options.groups, sync::Groups::keep, "groups");
  settle(told.deletions, options.deletions, sync::Deletions::records, "what was deleted");
}

// Nothing was compared.
int refuse(const Config& config, const Error& error) {
  sync::RunReport report;
  for (const Server& replica : config.replicas) {
    sync::ReplicaReport one;
    one.name = replica.name;
    one.url = replica.url.str();
    one.error = error;
    report.replicas.push_back(std::move(one));
  }
  return tell(config, report, {}, false);
}

}  // namespace

int dump(const Config& config) {
  tell_start(config, "dump of what is in scope into " + config.dump_file);
  Config alone = config;
  alone.replicas.clear();
  auto output = Output::open(config.dump_file);
  if (!output) return tell(config, output.error(), 0);
  Session session(alone, once_limits);
  Watcher watcher(session.clock());
  Result<Dumped> made = Error(Errc::internal, "nothing was dumped");
  session.run(
      make(alone, session, **output, watcher, made), [] {}, [] {});
  watcher.clear();
  return tell(config, made, (*output)->bytes());
}

int restore(const Config& config) {
  tell_start(config, (config.sync.dry_run ? "dry run: compares with, and writes nothing of, "
                                          : "restore of ") +
                         config.dump_file);
  auto contents = sync::dump::read_contents(config.dump_file, only_collection(config));
  if (!contents) return refuse(config, contents.error());
  Config fitted = config;
  fit(fitted.sync, config, *contents);
  Fields fields;
  fields.emplace_back("file", config.dump_file);
  fields.emplace_back("of", contents->master);
  fields.emplace_back("records", contents->records);
  log_event(Level::info, "restore.file", "the file is whole", std::move(fields));
  for (const std::string& notice : contents->notices) {
    log_event(Level::warning, "restore.notice", notice);
  }
  StandIn master;
  master.name = "dump";
  master.url = contents->master;
  master.transport = std::make_unique<sync::dump::FileKinto>(std::move(*contents));
  Session session(fitted, once_limits, std::move(master));
  return compare(fitted, session);
}

}  // namespace kinto_mirror::daemon
