// Closing marks, on Kintos of the model.
#include "sync/write/closing_mark.hpp"

#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::at;
using test::Profile;
using test::Sites;
using test::the_collection;

// A replica whose ETag stands above all that a reader is shown: where its clock stood at first.
struct Marked : Sites {
  explicit Marked(Profile profile = Profile::memory) : Sites(profile, profile) {
    replica.hold("a -20, b -10 gone");
    to_replica.set_patience(Millis{0});
  }
  Result<void> close() {
    return run<Result<void>>([](const PassContext& with) -> Task<Result<void>> {
      co_return co_await sync::close(with, the_collection);
    });
  }
  Result<void> remove(Stamp held) {
    return run<Result<void>>([held](const PassContext& with) -> Task<Result<void>> {
      co_return co_await remove_closing_mark(with, the_collection, held);
    });
  }
  [[nodiscard]] bool alive() const { return replica.bodies().contains("kinto-mirror-mark"); }
  // The stamp of the mark's tombstone above the ETag of before.
  [[nodiscard]] std::string mark() const {
    const std::string all = replica.holds();
    const std::size_t place = all.find("kinto-mirror-mark ");
    return place == std::string::npos ? "" : all.substr(place + 18);
  }
};

}  // namespace

TEST_CASE("one tombstone above the ETag is what a reader who comes with it gets (hazard 66)") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Marked world(profile);
    const std::int64_t before = world.replica.etag();
    REQUIRE(world.close().has_value());
    CHECK(world.mark() == std::to_string(before + 2) + " gone");
    CHECK(world.replica.etag() == before + 2);
    CHECK(world.replica.bodies().size() == 1);
    CHECK(world.told.notices.empty());
    // And then there is nothing more to do.
    const std::string then = world.replica.everything();
    REQUIRE(world.close().has_value());
    CHECK(world.replica.everything() == then);
  }
}

TEST_CASE("where the newest that is shown stands at the ETag, no mark is left") {
  for (const std::string newest : {"z 1500000", "z 1500000 gone"}) {
    CAPTURE(newest);
    Marked world;
    world.replica.hold(newest);
    REQUIRE(world.close().has_value());
    CHECK(world.mark().empty());
    CHECK(world.replica.asked("PUT") == 0);
  }
}

TEST_CASE("where the ETag is not told, no mark is left") {
  for (const bool hidden : {true, false}) {
    Marked world;
    http::Response answer;
    answer.status = 200;
    answer.body = hidden ? R"({"responses":[{"status":403,"headers":{},"body":{"errno":121}}]})"
                         : R"({"responses":[{"status":200,"headers":{},"body":{"data":[]}}]})";
    world.replica.on("_sort=-last_modified",
                     [answer]() -> test::Site::Answer { return Result<http::Response>(answer); });
    REQUIRE(world.close().has_value());
    CHECK(world.mark().empty());
    CHECK(world.replica.asked("PUT") == 0);
  }
}

TEST_CASE("a mark that is refused is told, and is no failure") {
  Marked world;
  world.replica.reject("kinto-mirror-mark", 400);
  REQUIRE(world.close().has_value());
  CHECK(world.told.says("no closing mark could be left") == 1);
  CHECK(world.told.says("the replica says 400 refused") == 1);
  CHECK_FALSE(world.alive());
}

TEST_CASE("somebody who was faster has left what is wanted, and nothing is told") {
  for (const int status : {409, 412}) {
    Marked world;
    world.replica.reject("kinto-mirror-mark", status);
    REQUIRE(world.close().has_value());
    CHECK(world.told.notices.empty());
  }
}

TEST_CASE("a batch that is refused as a whole is told, one that fails is an error") {
  Marked world;
  world.replica.block(R"("method":"PUT")", 403, 1, always);
  REQUIRE(world.close().has_value());
  CHECK(world.told.says("no closing mark could be left") == 1);
  Marked other;
  other.replica.fail(R"("method":"PUT")", Errc::unreachable, 1, always);
  CHECK(other.close().error().code == Errc::unreachable);
  Marked shaky;
  shaky.replica.fail(R"("method":"PUT")", Errc::unreachable, 1, 2);
  REQUIRE(shaky.close().has_value());
  CHECK_FALSE(shaky.mark().empty());
  CHECK_FALSE(shaky.alive());
}

TEST_CASE("a mark that could be made, and not deleted with it, is taken away") {
  Marked world;
  world.replica.on(R"("method":"PUT")", [&world]() -> test::Site::Answer {
    world.replica.put("kinto-mirror-mark", 1'500'000, R"("n":1)");
    http::Response batch;
    batch.status = 200;
    batch.body = R"({"responses":[{"status":201,"headers":{},"body":{"data":{"id":"x",)"
                 R"("last_modified":)" +
                 std::to_string(at(1'500'000).ms) +
                 R"(}}},{"status":503,"headers":{},"body":{"errno":201}}]})";
    return Result<http::Response>(std::move(batch));
  });
  REQUIRE(world.close().has_value());
  CHECK_FALSE(world.alive());
}

TEST_CASE("a mark that a crash has left alive is taken away, and one that is not is no failure") {
  Marked world;
  world.replica.hold("kinto-mirror-mark 30");
  CHECK(world.alive());
  // Not one that another daemon has made since.
  REQUIRE(world.remove(at(29)).has_value());
  CHECK(world.alive());
  REQUIRE(world.remove(at(30)).has_value());
  CHECK_FALSE(world.alive());
  REQUIRE(world.remove(at(30)).has_value());
  CHECK(world.replica.bodies().size() == 1);
  world.replica.fail("DELETE", Errc::unreachable, 1, always);
  CHECK(world.remove(at(30)).error().code == Errc::unreachable);
}

TEST_CASE("a mark that may not be deleted is told") {
  Marked world;
  world.replica.hold("kinto-mirror-mark 30");
  world.replica.refuse("DELETE", 403, 121, 1, always);
  REQUIRE(world.remove(at(30)).has_value());
  CHECK(world.told.says("could not be deleted: 403") == 1);
  CHECK(world.told.says("the next audit tries again") == 1);
}

}  // namespace kinto_mirror::sync
