#include "daemon/commands.hpp"

#include "daemon/caller.hpp"
#include "daemon/combined.hpp"
#include "daemon/compare.hpp"
#include "daemon/control/ask.hpp"
#include "daemon/control/control.hpp"
#include "daemon/control/socket.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/log_observer.hpp"
#include "daemon/logging.hpp"
#include "daemon/notify.hpp"
#include "daemon/session.hpp"
#include "daemon/status/ask.hpp"
#include "daemon/status/listen.hpp"
#include "daemon/status/service.hpp"
#include "daemon/status/summary.hpp"
#include "daemon/status/tee_observer.hpp"
#include "daemon/webhook/webhook.hpp"
#include "selftest/selftest.hpp"

#include <exception>
#include <iostream>
#include <optional>

namespace kinto_mirror::daemon {

namespace {

// The daemon waits, and begins a new round, with a growing wait between them.
constexpr Limits follow_limits{Millis{5'000}, Millis{300'000}, Millis{120'000}};
// For each step of a call, from the connection to the end of the answer.
constexpr Millis webhook_timeout{10'000};

using Acceptor = std::optional<boost::asio::ip::tcp::acceptor>;

// Nothing where no pages are to be served, or nobody asked for this address and it cannot be had:
// two daemons on one machine are no mistake.
Result<Acceptor> listen(const boost::asio::any_io_executor& executor, const Config& config) {
  if (!config.listen.enabled) return Acceptor();
  auto acceptor = open_listener(executor, config);
  if (!acceptor) {
    if (listen_was_given(config)) return acceptor.error();
    log_event(Level::warning, "status.listen",
              acceptor.error().message + "; going on without status pages");
    return Acceptor();
  }
  const auto endpoint = acceptor->local_endpoint();
  const std::string address = address_text(endpoint.address().to_string(), endpoint.port());
  Fields fields;
  fields.emplace_back("host", endpoint.address().to_string());
  fields.emplace_back("port", endpoint.port());
  log_event(Level::info, "status.listening", "status pages at http://" + address + "/status",
            std::move(fields));
  return Acceptor(std::move(*acceptor));
}

using Socket = std::optional<ControlSocket>;

// As above.
Result<Socket> take_orders(const boost::asio::any_io_executor& executor, const Config& config) {
  if (config.control.empty()) {
    if (!control_was_given(config)) {
      log_event(
          Level::info, "control.off",
          "takes no orders, since neither RUNTIME_DIRECTORY nor XDG_RUNTIME_DIR says where; give "
          "--control PATH for pause, release, sync and their like");
    }
    return Socket();
  }
  auto socket = ControlSocket::open(executor, config);
  if (socket) {
    Fields fields;
    fields.emplace_back("path", socket->path());
    log_event(Level::info, "control.listening", "takes orders at " + socket->path(),
              std::move(fields));
    return Socket(std::move(*socket));
  }
  if (control_was_given(config)) return socket.error();
  log_event(Level::warning, "control.listen",
            socket.error().message + "; going on without it: no orders are taken");
  return Socket();
}

// The engine, with those who tell of it, and who order, at its side. `webhook`: nullptr without
// one.
Task<void> follow(sync::Engine& engine, Session& session, StatusService& status, Control& control,
                  Socket socket, const Notify& notify, Webhook* webhook) {
  TaskGroup beside(session.executor());
  if (webhook != nullptr) beside.spawn(webhook->run());
  const Stop::Subscription tell(session.stop(), [&notify] { notify.send("STOPPING=1"); });
  beside.spawn(status.run());
  if (socket) beside.spawn(control.run(socket->take()));
  notify.send("READY=1");
  beside.spawn(
      notify.run(session.clock(), session.stop(), [&status] { return summary(status.look()); }));
  std::exception_ptr bug;
  try {
    co_await engine.follow();
  } catch (...) {
    bug = std::current_exception();
    session.stop().request();
  }
  status.close();
  control.close();
  if (webhook != nullptr) webhook->close();
  co_await beside.join();
  if (bug) std::rethrow_exception(bug);
}

// `combined`: see compare().
int compare_once(const Config& config, std::string_view what, Combined* combined = nullptr) {
  tell_start(config, what);
  Session session(config, once_limits);
  return compare(config, session, combined);
}

selftest::Endpoint endpoint_of(const Server& server) {
  selftest::Endpoint endpoint;
  endpoint.name = server.name;
  endpoint.url = server.url;
  endpoint.authorization = server.authorization;
  endpoint.ca_file = server.ca_file;
  return endpoint;
}

}  // namespace

int run(const Config& config) {
  if (config.once) {
    return compare_once(config, config.sync.dry_run ? "dry run: compares and writes nothing"
                                                    : "one pass over everything in scope");
  }
  tell_start(config, "starts");
  const SystemClock clock;
  Board board(clock);
  Session session(config, follow_limits,
                  [&board](const std::string& server, int status, Millis took) {
                    board.exchanged(server, status, took);
                  });
  auto acceptor = listen(session.executor(), config);
  if (!acceptor) {
    log_event(Level::error, "status.listen", acceptor.error().message);
    return to_int(exit_code_of(acceptor.error().code));
  }
  auto socket = take_orders(session.executor(), config);
  if (!socket) {
    log_event(Level::error, "control.listen", socket.error().message);
    return to_int(exit_code_of(socket.error().code));
  }
  LogObserver log(session.clock(), false, caller_of(config));
  TeeObserver told(log, board);
  SecretGuard guard;
  guard.add(secrets_of(config));
  std::optional<Webhook> webhook;
  std::optional<TeeObserver> called;
  if (config.webhook.wanted()) {
    webhook.emplace(config.webhook, session.transport(config.webhook.url.origin, webhook_timeout),
                    session.clock(), guard, board.webhook(), session.executor());
    called.emplace(told, webhook->news());
  }
  sync::Engine engine = session.engine(config.sync, called ? *called : told);
  StatusService status(config, session, board, engine, std::move(*acceptor));
  Control control(config, session, engine, status);
  const Notify notify(process_environment);
  session.run(
      follow(engine, session, status, control, std::move(*socket), notify,
             webhook ? &*webhook : nullptr),
      [&engine] {
        log_event(Level::info, "daemon.audit", "comparing everything anew on SIGUSR1");
        engine.audit({"*/*"});
      },
      [&control] { control.reload(); });
  const std::optional<Error>& refusal = engine.refusal();
  if (refusal) log_event(Level::error, "run.failed", refusal->message);
  log_event(Level::info, "daemon.end", "ended");
  return to_int(refusal ? exit_code_of(refusal->code) : ExitCode::ok);
}

int check(const Config& config) {
  Config comparing = config;
  comparing.sync.dry_run = true;
  constexpr std::string_view what = "check: compares and writes nothing";
  if (config.combined.empty()) return compare_once(comparing, what);
  Combined combined(config.combined, std::cout, config.replicas.size() > 1);
  const auto opened = combined.opened();
  const int code = opened ? compare_once(comparing, what, &combined) : 0;
  const auto written = opened ? combined.close() : opened;
  if (combined.keeps_former()) {
    log_event(Level::warning, "check.combined",
              "--combined '" + config.combined +
                  "' is left as it was: what was compared is not the whole");
  }
  if (written) return code;
  log_event(Level::error, "check.combined", written.error().message);
  return to_int(exit_code_of(written.error().code));
}

int status(const Config& config) {
  return status(config, std::cout, std::cerr);
}

int healthcheck(const Config& config) {
  return healthcheck(config, std::cout);
}

int order(const Config& config) {
  return give_order(config, std::cout, std::cerr);
}

int selftest(const Config& config) {
  selftest::Settings settings;
  settings.master = endpoint_of(config.master);
  for (const Server& replica : config.replicas) settings.replicas.push_back(endpoint_of(replica));
  settings.seed = config.selftest.seed;
  settings.records = config.selftest.records.value_or(0);
  settings.filter = config.selftest.filter;
  settings.list = config.selftest.list;
  settings.junit = config.selftest.junit;
  settings.user_agent = user_agent();
  const auto summary = selftest::run(settings, std::cout);
  if (!summary) {
    std::cerr << "kinto-mirror: " << summary.error().message << "\n";
    return to_int(exit_code_of(summary.error().code));
  }
  if (summary->failed > 0 || summary->interrupted) return to_int(ExitCode::different);
  // What was not tested did not pass.
  return to_int(summary->skipped > 0 ? ExitCode::no_permission : ExitCode::ok);
}

}  // namespace kinto_mirror::daemon
