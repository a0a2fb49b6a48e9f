// What is read of the containers of one server: a Kinto of the model.
#include "sync/tree/tree_reader.hpp"

#include "sync/tree/test_world.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::container;
using test::epoch;
using test::Site;
using test::World;

Result<Tree> read(World& world, TreeWish wish) {
  return world.run<Result<Tree>>([&wish](const PassContext& with) -> Task<Result<Tree>> {
    TreeWish mine = wish;
    co_return co_await read_tree(with.master, with.background, std::move(mine));
  });
}

TreeWish all_of(std::set<std::string> buckets) {
  TreeWish wish;
  wish.buckets = std::move(buckets);
  wish.groups = true;
  return wish;
}

// "b 0, b/groups/g 5 {...}, b/collections/c 7 gone": stamps of the buckets are left out.
std::string said(const Tree& tree) {
  std::string out;
  for (const auto& [id, one] : tree.containers) {
    out += (out.empty() ? "" : ", ") + id.str();
    if (id.kind == ContainerKind::bucket) continue;
    out += " " + std::to_string(one.stamp.ms - epoch) + (one.tombstone ? " gone" : "");
    CHECK(one.tombstone == one.data.empty());
    if (one.lists) out += " shown";
  }
  return out;
}

}  // namespace

TEST_CASE("a bucket is read with its groups, its collections and their tombstones") {
  World world;
  World::put(world.master, "b/groups/g", 5, R"("members":["a"])");
  World::put(world.master, "b/groups/h", 6);
  World::put(world.master, "b/collections/d", 7, R"("n":1)");
  World::put(world.master, "b/collections/e", 8);
  World::erase(world.master, "b/groups/h", 9);
  World::erase(world.master, "b/collections/e", 10);
  const auto tree = read(world, all_of({"b"}));
  REQUIRE(tree.has_value());
  CHECK(said(*tree) ==
        "b, b/groups/g 5, b/groups/h 9 gone, b/collections/c 1, b/collections/d 7, "
        "b/collections/e 10 gone");
  CHECK(tree->failed.empty());
  CHECK(tree->no_collections.empty());
  CHECK(tree->alive(container("b/collections/d"))->data.find(R"("n":1)") != std::string::npos);
  CHECK(tree->find(container("b/collections/e")) != nullptr);
  CHECK(tree->alive(container("b/collections/e")) == nullptr);
  CHECK(tree->find(container("b/collections/none")) == nullptr);
  TreeWish no_groups = all_of({"b"});
  no_groups.groups = false;
  CHECK(said(*read(world, no_groups)) ==
        "b, b/collections/c 1, b/collections/d 7, b/collections/e 10 gone");
  TreeWish objects = all_of({"b"});
  objects.objects_only = true;
  CHECK(said(*read(world, objects)) == "b");
}

TEST_CASE("lists are asked for where they are wanted, object by object, in few requests") {
  World world;
  World::put(world.master, "b/groups/g", 5);
  World::put(world.master, "b/groups/hidden", 6, "", R"({"write":["somebody"]})");
  for (int i = 0; i < 30; ++i) {
    World::put(world.master, "b/collections/m" + std::to_string(100 + i), 10 + i);
  }
  TreeWish wish = all_of({"b"});
  const auto without = read(world, wish);
  CHECK(said(*without).find("shown") == std::string::npos);
  CHECK(without->find(container("b"))->lists.has_value());  // which was asked for anyway
  wish.with_lists = {ContainerKind::group};
  CHECK(said(*read(world, wish)).starts_with("b, b/groups/g 5 shown, b/groups/hidden 6, "));
  wish.with_lists = {ContainerKind::collection};
  world.master.seen.clear();
  const auto tree = read(world, wish);
  REQUIRE(tree.has_value());
  for (const auto& [id, one] : tree->containers) {
    if (id.kind == ContainerKind::collection) CHECK(one.lists.has_value());
    if (id.kind == ContainerKind::group) CHECK_FALSE(one.lists.has_value());
  }
  CHECK(world.master.asked(R"("path":"/buckets/b/collections/m1)") == 2);
}

TEST_CASE("of a bucket that is hidden, what is named is looked up by itself") {
  World world;
  world.master.allow("", "b");
  World::put(world.master, "b/collections/d", 7);
  World::put(world.master, "b/collections/e", 8, "", R"({"write":["somebody"]})");
  TreeWish wish = all_of({"b"});
  wish.named = {CollectionId("b", "d"), CollectionId("b", "e"), CollectionId("b", "none"),
                CollectionId("other", "d")};
  // Whoever may see a part is given the list of that part: nothing else of it is known.
  const auto part = read(world, wish);
  REQUIRE(part.has_value());
  CHECK(said(*part) == "b/collections/c 1, b/collections/d 7");
  CHECK(part->no_groups == std::set<std::string>{"b"});
  CHECK(part->forbidden == std::set<ContainerId>{container("b")});
  world.master.refuse("/v1/buckets/b/collections?", 403, 121, 1, always);
  world.master.refuse(R"({"method":"HEAD","path":"/buckets/b/collections"})", 403, 121, 1, always);
  const auto named = read(world, wish);
  REQUIRE(named.has_value());
  CHECK(said(*named) == "b/collections/d 7 shown");
  CHECK(named->no_collections == std::set<std::string>{"b"});
  CHECK(named->failed.empty());
  CHECK(named->forbidden == std::set<ContainerId>{container("b"), container("b/collections/e"),
                                                  container("b/collections/none")});
}

TEST_CASE("a list that is shorter than its count concludes nothing of its bucket") {
  World world;
  world.provide(CollectionId("a", "x"));
  World::put(world.master, "b/collections/d", 7);
  test::hide_rows(world.master, "/buckets/b/collections");
  const auto tree = read(world, all_of({"a", "b"}));
  REQUIRE(tree.has_value());
  REQUIRE(tree->failed.contains("b"));
  CHECK(tree->failed.size() == 1);
  CHECK(tree->failed.at("b").code == Errc::unproven);
  CHECK(tree->failed.at("b").message.find("lists 0 of the 2 that it counts") != std::string::npos);
  CHECK(tree->alive(container("a/collections/x")) != nullptr);
}

TEST_CASE("what fails in one bucket does not hide the others, and a server that fails does") {
  struct Case {
    std::string what;
    Errc code;  // of the whole; internal: only the bucket's
  };
  for (const Case& c : {Case{"something in front refuses it", Errc::internal},
                        Case{"it cannot be reached", Errc::unreachable}}) {
    CAPTURE(c.what);
    World world;
    world.from_master.set_patience(Millis{0});
    world.provide(CollectionId("a", "x"));
    const std::string list = "GET /v1/buckets/a/collections?";
    if (c.code == Errc::internal) world.master.block(list, 400, 1, always);
    if (c.code != Errc::internal) world.master.fail(list, c.code, 1, always);
    const auto tree = read(world, all_of({"a", "b"}));
    if (c.code != Errc::internal) {
      REQUIRE(tree.has_error());
      CHECK(tree.error().code == c.code);
      continue;
    }
    REQUIRE(tree.has_value());
    CHECK(tree->failed.at("a").code == Errc::turned_away);
    CHECK(tree->alive(container("b/collections/c")) != nullptr);
  }
}

TEST_CASE("a live collection whose metadata say `deleted` is no tombstone (hazard 21)") {
  for (const auto profile : {test::Profile::memory, test::Profile::postgresql}) {
    World world(profile);
    World::put(world.master, "b/collections/d", 7, R"("deleted":true,"n":1)");
    World::put(world.master, "b/collections/e", 8, R"("deleted":true)");
    World::put(world.master, "b/collections/f", 9);
    World::erase(world.master, "b/collections/f", 10);
    const auto tree = read(world, all_of({"b"}));
    REQUIRE(tree.has_value());
    CHECK(tree->failed.empty());
    CHECK(said(*tree) ==
          "b, b/collections/c 1, b/collections/d 7, b/collections/e 8, b/collections/f 10 gone");
  }
}

TEST_CASE("a list that was stored on its way concludes nothing") {
  World world;
  world.master.on(
      "GET /v1/buckets/b/collections?",
      [&world]() -> Site::Answer {
        http::Response page =
            world.master.kinto.answer(Site::request("GET", "/buckets/b/collections"));
        page.headers.emplace_back("Age", "17");
        return Result<http::Response>(std::move(page));
      },
      1, always);
  const auto tree = read(world, all_of({"b"}));
  REQUIRE(tree.has_value());
  CHECK(tree->failed.at("b").code == Errc::unproven);
}

}  // namespace kinto_mirror::sync
