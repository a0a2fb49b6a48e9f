#include "daemon/status/rights.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

struct Fixture {
  SystemClock clock;
  Board board{clock};

  void pass(const std::string& collection, sync::State state, std::optional<Error> error = {}) {
    sync::CollectionReport report;
    report.id = CollectionId("b", collection);
    report.state = state;
    report.error = std::move(error);
    board.pass_done("replica", report);
  }

  [[nodiscard]] bool master_hides() const {
    return hides_everything(board, "master", true).has_value();
  }
};

const Error hidden(Errc::forbidden, "master http://m/v1: HEAD /x: 403 Forbidden", 403);

}  // namespace

TEST_CASE("a master that refuses every collection in scope shows nothing") {
  Fixture world;
  CHECK(!world.master_hides());
  world.pass("one", sync::State::not_shown, hidden);
  world.pass("two", sync::State::failed, hidden);
  REQUIRE(world.master_hides());
  CHECK(hides_everything(world.board, "master", true)->message ==
        "master: its user may read nothing in scope, such as b/one (master http://m/v1: HEAD /x: "
        "403 Forbidden)");
  CHECK(!hides_everything(world.board, "replica", false));
  world.pass("two", sync::State::in_sync);
  CHECK(!world.master_hides());
}

TEST_CASE("a replica that refuses every collection is to blame, and the master is not") {
  Fixture world;
  const Error refused(Errc::forbidden, "replica http://r/v1: creating /x: 403 Forbidden", 403);
  world.pass("one", sync::State::failed, refused);
  CHECK(!world.master_hides());
  const auto error = hides_everything(world.board, "replica", false);
  REQUIRE(error);
  CHECK(error->message.starts_with("replica: its user may write nothing in scope, such as b/one"));
}

TEST_CASE("what does not exist is no matter of rights") {
  Fixture world;
  world.pass("one", sync::State::not_shown, Error(Errc::not_found, "master: 404", 404));
  CHECK(!world.master_hides());
}

TEST_CASE("a round that was refused as a whole is the fault of the server that it names") {
  Fixture world;
  world.board.round_failed("replica", hidden, Millis{1});
  CHECK(world.master_hides());
  CHECK(!hides_everything(world.board, "replica", false));
  CHECK(!hides_everything(world.board, "mas", false));
  world.board.round_worked("replica", 1);
  CHECK(!world.master_hides());
}

}  // namespace kinto_mirror::daemon
