#include "daemon/control/reload.hpp"

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

using Names = std::vector<std::string>;

Config given(const std::vector<std::string>& args) {
  const Loaded loaded = load(with_servers(args));
  CHECK(messages(loaded.errors) == "");
  return loaded.config;
}

}  // namespace

TEST_CASE("scope, rhythm, brake and level are taken while it runs, all else by a restart") {
  const Config before = given({});
  const Config now = given({"--collections", "a/*", "--interval", "2s", "--max-delete", "5",
                            "--log-level", "debug", "--extras", "delete", "--listen", "off"});
  const Changes changes = changes_of(before, now);
  CHECK(changes.taken ==
        Names{"log.level", "sync.collections", "sync.interval", "sync.max_delete"});
  CHECK(changes.restart == Names{"status.listen", "sync.extras"});
  const Config taken = with_changes(before, now);
  CHECK(taken.sync.collections == Names{"a/*"});
  CHECK(taken.sync.interval == Millis{2'000});
  CHECK(taken.log.level == Level::debug);
  CHECK(taken.sync.extras == sync::Extras::keep);
  CHECK(taken.listen.enabled);
  // What was told to need a restart is told again.
  CHECK(changes_of(taken, now).taken.empty());
  CHECK(changes_of(taken, now).restart == changes.restart);
}

TEST_CASE("other credentials of the same servers are taken, whatever is shown of them") {
  const Config before = given({"--master-auth", "u:one"});
  const Config now = given({"--master-auth", "u:two"});
  CHECK(changes_of(before, now).taken == Names{"master.auth"});
  CHECK(with_changes(before, now).master.authorization == now.master.authorization);
  CHECK(changes_of(before, given({"--master-auth", "u:one"})).taken.empty());
}

TEST_CASE("the token of the status pages is taken, from this file or another") {
  const TemporaryFile one("one", "first");
  const TemporaryFile other("other", "second");
  const Config before = given({});
  const Config first = given({"--status-token-file", one.path()});
  CHECK(changes_of(before, first).taken == Names{"status.token_file"});
  CHECK(with_changes(before, first).page_token == PageToken{one.path(), "first"});
  Config rewritten = first;
  rewritten.page_token.token = "rewritten";
  CHECK(changes_of(first, rewritten).taken == Names{"status.token_file"});
  CHECK(with_changes(first, given({"--status-token-file", other.path()})).page_token.token ==
        "second");
  CHECK(with_changes(first, before).page_token == PageToken());
}

TEST_CASE("credentials that come with another server wait for the restart as it does") {
  const Config before = given({"--master-auth", "u:one"});
  Config now = given({"--master-auth", "u:two"});
  now.master.url.origin.host = "other";
  now.shown["master.url"].text = "http://other:1";
  const Changes changes = changes_of(before, now);
  CHECK(changes.taken.empty());
  CHECK(changes.restart == Names{"master.auth", "master.url"});
  CHECK(with_changes(before, now).master.authorization == before.master.authorization);
}

}  // namespace kinto_mirror::daemon
