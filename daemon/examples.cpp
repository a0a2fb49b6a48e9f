#include "daemon/examples.hpp"

#include <array>

namespace kinto_mirror::daemon {

namespace {

constexpr auto all_examples = std::to_array<Example>({
    {Verb::run, "Follow what /etc/kinto-mirror/kinto-mirror.toml says, until SIGTERM",
     "kinto-mirror run"},
    {Verb::run, "One full pass over one bucket, without a file",
     "kinto-mirror run --once --master https://kinto.example.org/v1 "
     "--replica https://replica.example.org/v1 --collections 'main/*'"},
    {Verb::check, "Compare both sides, and change nothing", "kinto-mirror check"},
    {Verb::check, "Name each record and container that differs, bodies compared too",
     "kinto-mirror check --combined differences.txt --bodies"},
    {Verb::status, "What the daemon says, for a program", "kinto-mirror status --json"},
    {Verb::audit, "Compare the collections of a bucket anew, at once",
     "kinto-mirror audit 'main/*'"},
    {Verb::pause, "Leave a collection alone while something is done to it",
     "kinto-mirror pause main/articles"},
    {Verb::resume, "Go on with all that was paused", "kinto-mirror resume"},
    {Verb::release, "Let deletes go that the brake holds and that are meant",
     "kinto-mirror release main/articles"},
    {Verb::sync, "Wait until a change has arrived, in a script",
     "kinto-mirror sync 'main/*' --timeout 30s"},
    {Verb::reload, "Take another scope from the file, or new credentials", "kinto-mirror reload"},
    {Verb::dump, "A backup of one bucket",
     "kinto-mirror dump main.ndjson.gz --master https://kinto.example.org/v1 "
     "--collections 'main/*'"},
    {Verb::restore, "What a backup would change",
     "kinto-mirror restore main.ndjson.gz --dry-run --replica https://replica.example.org/v1"},
    {Verb::restore, "Bring a server back as it was, with its rights and groups",
     "kinto-mirror restore main.ndjson.gz --replica https://replica.example.org/v1 "
     "--permissions copy --groups follow"},
    {Verb::config_show, "What is the configuration, and where does each value come from",
     "kinto-mirror config show"},
});

}  // namespace

std::span<const Example> examples() {
  return all_examples;
}

}  // namespace kinto_mirror::daemon
