#include "daemon/help.hpp"

#include "daemon/settings.hpp"
#include "daemon/switches.hpp"

namespace kinto_mirror::daemon {

namespace {

constexpr std::size_t text_column = 32;

constexpr std::string_view intro =
    R"(kinto-mirror keeps read-only Kinto servers a faithful copy of a master Kinto.

Usage: kinto-mirror [COMMAND] [FLAGS]        (flags may stand before or after the command)

Commands:
  run             follow the master until SIGTERM or SIGINT (the default); SIGUSR1: audit now
  run --once      one full pass over everything in scope, report, exit
  check           compare both sides fully, change nothing, report
  status          print the state of the daemon that runs, as --listen finds it
  healthcheck     say in one line whether it reaches its servers and is accepted there; exits 0 or 1
  audit [GLOB]    have the daemon that runs compare collections anew, as --control finds it
  pause [GLOB]    have it leave them alone, until resume or a restart
  resume [GLOB]   have it go on with them
  release B/C     let the brake go, once, for what it holds of this collection now
  sync [GLOB]     wait until each replica holds all that the master has now, compared; exits 0, or 1
  reload          have it read flags, environment, file and credentials anew, as on SIGHUP
  selftest        run scenarios against the configured servers, in buckets of their own that are
                  removed afterwards; --selftest is the same
  config show     print the effective configuration, secrets masked, and where each value is from
  config check    say whether the configuration can be used

Command flags:
)";

constexpr std::string_view outro =
    R"(
A flag goes before its environment variable, that before the configuration file, and that before
the default. An empty variable counts as unset. NAME_FILE, for the variables that hold credentials,
names a file to read them from. Of --max-delete, a share above 0% lets 10 records pass at least;
where the master is empty, or has nothing left of what it had, only 100% lets any.
In the file alone: [[replica]] name, and [sync.principals], the principals of the master under
other names on the replica. Where no --config is given, /etc/kinto-mirror/kinto-mirror.toml is
read, if it exists.
Credentials of one replica of several: KINTO_MIRROR_REPLICA_<NAME>_AUTH or ..._AUTH_FILE, with its
name in upper case and _ for all that is neither letter nor digit. Those that systemd hands over,
$CREDENTIALS_DIRECTORY/auth_master and auth_<NAME>, count where no others are given.
Where no --control is given, the socket is $RUNTIME_DIRECTORY/control.sock (systemd's), else
$XDG_RUNTIME_DIR/kinto-mirror.sock, else there is none. A GLOB is one over bucket/collection, */*
where none is given: quote it.
Durations are whole numbers with units: 250ms, 5s, 1m30s, 1h.

Exit codes:
  0   in sync, the same, passed
  1   not in sync, differences, a failed scenario, a pulled brake, quarantined records
  64  wrong use of the command line
  69  a server, or a daemon that takes orders, cannot be reached, or is no Kinto; the port of
      --listen or the path of --control is taken
  70  an internal error
  77  credentials refused, or rights missing
  78  an error in the environment or in the configuration file

Reports go to stdout, the log to stderr.
)";

std::string entry(std::string_view flag, std::string_view operand, std::string_view help) {
  std::string line = "  " + std::string(flag);
  if (!operand.empty()) line += " " + std::string(operand);
  if (line.size() + 2 > text_column)
    line += "\n" + std::string(text_column, ' ');
  else
    line.resize(text_column, ' ');
  return line + std::string(help) + "\n";
}

std::string origins(const Setting& setting) {
  std::string text = std::string(text_column, ' ') + "[" + std::string(setting.env);
  if (setting.secret) text += ", ..._FILE";
  if (!setting.fallback.empty()) text += "; default " + std::string(setting.fallback);
  return text + "]\n";
}

}  // namespace

std::string help_text() {
  std::string text(intro);
  for (const Switch& one : switches()) text += entry(one.flag, one.operand, one.help);
  text += entry("--help, -h", "", "this text");
  text += entry("--version", "", "the version");
  text += "\nSettings, each with its environment variable:\n";
  for (const Setting& setting : settings()) {
    if (setting.flag.empty()) continue;
    text += entry(setting.flag, setting.operand, setting.help) + origins(setting);
  }
  return text + std::string(outro);
}

}  // namespace kinto_mirror::daemon
