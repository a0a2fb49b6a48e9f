#include "daemon/command_table.hpp"

#include <algorithm>
#include <array>

namespace kinto_mirror::daemon {

namespace {

constexpr auto all_commands = std::to_array<Command>({
    {"run", "", Verb::run,
     "follow the master until SIGTERM or SIGINT (the default); SIGUSR1: audit now; SIGHUP: reload",
     "Follows the master and keeps each replica a copy of what is in scope: asks for changes once "
     "in each --interval, writes them guarded by their stamps, and compares whole collections once "
     "in each --audit-interval. It serves status pages at --listen and takes orders at --control. "
     "It goes on until SIGTERM or SIGINT, and may be ended at any moment: the next start goes on "
     "from the checkpoints.\n"
     "With --once it makes one full pass over everything in scope instead, reports, and ends: with "
     "0 where all was compared and is equal, else with 1 or with what failed.\n"},
    {"check", "", Verb::check, "compare both sides fully, change nothing, report",
     "Compares everything in scope, record by record, and writes nothing, no checkpoint either. "
     "Exits with 0 where both sides are the same, else with 1.\n"},
    {"status", "", Verb::status, "print the state of the daemon that runs, as --listen finds it",
     "Asks the daemon that runs, at the address of --listen as its configuration gives it, and "
     "prints its servers and collections as a table. Exits with 0 when it answered.\n"},
    {"healthcheck", "", Verb::healthcheck,
     "say in one line whether it reaches its servers and is accepted there; exits 0 or 1",
     "Asks the daemon that runs, at the address of --listen, whether it reaches the master and "
     "each "
     "replica and is accepted there. Says so in one line, with the reason. Exits with 0 or 1; with "
     "64 or 78 where its own flags or configuration cannot be used, with 130 at Ctrl-C.\n"},
    {"audit", "[GLOB]", Verb::audit,
     "have the daemon that runs compare collections anew, as --control finds it",
     "Has the daemon that runs compare the collections that match anew, at once or after the round "
     "under way. Quote a GLOB; without one, all of them.\n"},
    {"pause", "[GLOB]", Verb::pause, "have it leave them alone, until resume or a restart",
     "Has the daemon that runs leave the collections that match alone: nothing of them is read or "
     "written until `resume`, or a restart. It waits up to 30 s for what is under way there, and "
     "holds even where this wait is interrupted.\n"},
    {"resume", "[GLOB]", Verb::resume, "have it go on with them",
     "Has the daemon that runs go on with collections that were paused.\n"},
    {"release", "B/C", Verb::release,
     "let the brake go, once, for what it holds of this collection now",
     "Lets the brake go for the deletes that it holds back of this collection now, and for no "
     "others. `status` tells which collections these are, and how many deletes.\n"},
    {"sync", "[GLOB]", Verb::sync,
     "wait until each replica holds all that the master has now, compared; exits 0, or 1",
     "A barrier: returns 0 once each replica holds all that the master had of the collections that "
     "match when it was asked, compared and not assumed; 1 where that cannot be, or the time is "
     "over.\n"},
    {"reload", "", Verb::reload,
     "have it read flags, environment, file and credentials anew, as on SIGHUP",
     "Has the daemon that runs read its file, and the files of credentials and certificates, anew. "
     "It takes scope, intervals, overlap, brake, --parallel, log level, credentials and the token "
     "of the status pages; what needs a restart is said. A configuration that cannot be used "
     "changes nothing, and exits with "
     "78.\n"},
    {"selftest", "", Verb::selftest,
     "run scenarios against the configured servers, in buckets of their own that are removed "
     "afterwards; --selftest is the same",
     "Runs scenarios against the configured servers, each in a bucket of its own on both sides, "
     "which is removed afterwards. It is the only command that writes to the master.\n"},
    {"dump", "FILE", Verb::dump,
     "write what is in scope of the master into a file; - is stdout, a name in .gz is compressed",
     "Writes what is in scope into a file, one object a line: records and tombstones as the master "
     "has them, with the buckets, groups and collections around them, and their permissions as far "
     "as its user sees them. It needs no replica. Each collection is as it stood at one moment. "
     "The "
     "file has its name when it is whole: until then it is FILE.part. - is stdout, and a name that "
     "ends in .gz is compressed.\n"},
    {"restore", "FILE", Verb::restore,
     "bring the replica to what a file holds, as run --once does from a master; - is stdin",
     "Compares each replica with a file in the place of the master, and brings it to what the file "
     "holds, as run --once would: guarded by stamps, under the brake, by the settings for extras, "
     "containers and permissions. It needs no master, and may be repeated. A file that was cut or "
     "changed is refused before anything is written. FILE is one that dump has made, YAML "
     "of kinto-wizard, or a collection as Remote Settings publishes it, {\"data\": [...], "
     "\"timestamp\": N}, which --collections names then; all may be compressed by gzip. - is "
     "stdin.\n"
     "Where no --collections are given, they are those of the dump.\n"},
    {"config show", "", Verb::config_show,
     "print the effective configuration, secrets masked, and where each value is from",
     "Prints each setting with its value, secrets masked, and where that came from: a flag, a "
     "variable, a line of the file, or the default.\n"},
    {"config check", "", Verb::config_check, "say whether the configuration can be used",
     "Says whether the configuration can be used, with the files that it names. All mistakes are "
     "told at once, each with what would be accepted; no server is asked.\n"},
});

constexpr auto meanings = std::to_array<ExitMeaning>({
    {ExitCode::ok, "in sync, the same, passed"},
    {ExitCode::different,
     "not in sync, differences, a failed scenario, a pulled brake, quarantined records"},
    {ExitCode::usage, "wrong use of the command line"},
    {ExitCode::unavailable,
     "a server, or a daemon that takes orders, cannot be reached, or is no Kinto; the port of "
     "--listen or the path of --control is taken"},
    {ExitCode::internal, "an internal error"},
    {ExitCode::no_permission, "credentials refused, or rights missing"},
    {ExitCode::config, "an error in the environment or in the configuration file"},
});

}  // namespace

std::span<const Command> commands() {
  return all_commands;
}

const Command* find_command(std::string_view words) {
  const auto* const found = std::ranges::find(all_commands, words, &Command::words);
  return found == all_commands.end() ? nullptr : found;
}

std::span<const ExitMeaning> exit_meanings() {
  return meanings;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent,
                    std::size_t column) {
  std::string out;
  bool begun = false;  // whether the line holds a word
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (begun && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      begun = false;
    }
    out += (begun ? " " : "") + std::string(word);
    column += word.size() + (begun ? 1 : 0);
    begun = true;
  }
  return out + "\n";
}

}  // namespace kinto_mirror::daemon
