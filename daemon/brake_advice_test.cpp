#include "daemon/brake_advice.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

Shown by_flag(std::string text) {
  return {std::move(text), {Origin::Kind::flag, "--x"}};
}

}  // namespace

TEST_CASE("the command holds what the command line gave, quoted for a shell") {
  Config config;
  config.shown["config"] = by_flag("/etc/my mirror.toml");
  config.shown["master.url"] = by_flag("https://m.example.org/v1");
  config.shown["master.auth"] = by_flag("reader:****");
  config.shown["replica[0].url"] = {"https://r.example.org/v1", {Origin::Kind::environment, "X"}};
  config.shown["sync.checkpoint"] = by_flag("file:/tmp/it's");
  config.shown["sync.collections"] = by_flag("*/*");
  config.shown["sync.extras"] = by_flag("delete");
  config.shown["status.listen"] = by_flag("off");
  CHECK(release_command("b/c", "375", caller_of(config)) ==
        "kinto-mirror run --once --collections b/c --extras delete --max-delete 375 "
        "--config '/etc/my mirror.toml' --master https://m.example.org/v1 "
        "--master-auth 'reader:****' --checkpoint 'file:/tmp/it'\\''s'");
  CHECK(caller_of(Config()).flags.empty());
  CHECK(caller_of(config).follows);
  config.once = true;
  CHECK(!caller_of(config).follows);
  CHECK(caller_of(Config()).from() == "the master");
  config.verb = Verb::restore;
  config.dump_file = "my dump.gz";
  config.shown.clear();
  CHECK(release_command("b/c", "7", caller_of(config)) ==
        "kinto-mirror restore 'my dump.gz' --collections b/c --extras delete --max-delete 7");
}

TEST_CASE("no number lets the deletes of a lost master go") {
  sync::BrakeReport brake;
  brake.would_delete = 45;
  CHECK(max_delete_for(brake) == "45");
  brake.master_lost = true;
  CHECK(max_delete_for(brake) == "100%");
  CHECK(allowed_text(10, false, {}) == "10 are allowed");
  CHECK(allowed_text(0, false, {}) == "0 are allowed");
  CHECK(allowed_text(0, true, {}).starts_with("none is allowed, since the master is empty"));
  Caller restore;
  restore.source = Caller::Source::file;
  CHECK(allowed_text(0, true, restore).starts_with("none is allowed, since the file is empty"));
}

}  // namespace kinto_mirror::daemon
