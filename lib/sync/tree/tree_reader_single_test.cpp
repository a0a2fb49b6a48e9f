// The list of buckets, and single containers, of one server: a Kinto of the model.
#include "sync/tree/test_world.hpp"
#include "sync/tree/tree_reader.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::container;
using test::rights;
using test::World;

Result<Containers> read_buckets(World& world) {
  return world.run<Result<Containers>>([](const PassContext& with) -> Task<Result<Containers>> {
    co_return co_await read_bucket_list(with.master, with.background);
  });
}

}  // namespace

TEST_CASE("the buckets that this user may see, and those that were deleted where he may see all") {
  World world;
  world.provide(CollectionId("a", "x"));
  world.master.admin("PUT", "/buckets/hidden");
  world.master.admin("PUT", "/buckets/gone");
  world.master.admin("DELETE", "/buckets/gone");
  const auto some = read_buckets(world);
  REQUIRE(some.has_value());
  CHECK(some->size() == 2);
  CHECK(some->contains(container("a")));
  CHECK(some->contains(container("b")));
  test::show_all_buckets(world.master);
  const auto all = read_buckets(world);
  REQUIRE(all.has_value());
  CHECK(all->size() == 4);
  CHECK(all->at(container("gone")).tombstone);
  CHECK_FALSE(all->at(container("hidden")).tombstone);
}

TEST_CASE("where buckets may not be listed there are none, and a failure is an error") {
  World world;
  world.from_master.set_patience(Millis{0});
  world.master.refuse("/v1/buckets?", 403, 121);
  CHECK(read_buckets(world).value().empty());
  world.master.fail("/v1/buckets?", Errc::unreachable);
  CHECK(read_buckets(world).error().code == Errc::unreachable);
}

TEST_CASE("one container is read as it is now, or nothing is shown") {
  struct Case {
    std::string what;
    int status;
    int number;  // 0: something in front says it
    std::optional<Errc> code;
  };
  const auto look = [](World& world, const std::string& name) {
    return kinto::test::run(read_container(world.from_master, container(name)));
  };
  World world;
  World::put(world.master, "b/collections/d", 7, R"("n":1)", rights(R"("r")"));
  const auto shown = look(world, "b/collections/d").value();
  REQUIRE(shown);
  CHECK(shown->stamp == test::at(7));
  CHECK(shown->data.find(R"("n":1)") != std::string::npos);
  CHECK(shown->lists->at("read") == std::set<std::string>{"r"});
  CHECK_FALSE(look(world, "b/collections/none").value());
  CHECK_FALSE(look(world, "none").value());
  for (const Case& c : {Case{"Kinto breaks", 500, 999, Errc::failing},
                        Case{"something in front refuses it", 403, 0, Errc::turned_away}}) {
    CAPTURE(c.what);
    World other;
    other.from_master.set_patience(Millis{0});
    other.master.block("/batch", 405, 1, always);
    if (c.number != 0) other.master.refuse("GET /v1/buckets/b", c.status, c.number, 1, always);
    if (c.number == 0) other.master.block("GET /v1/buckets/b", c.status, 1, always);
    const auto read = look(other, "b");
    REQUIRE(read.has_error());
    CHECK(read.error().code == *c.code);
    CHECK(read.error().message.find("/buckets/b") != std::string::npos);
  }
}

}  // namespace kinto_mirror::sync
