// Containers that are put on a replica: a Kinto of the model.
#include "sync/tree/tree_writer.hpp"

#include "sync/tree/test_world.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::at;
using test::container;
using test::epoch;
using test::Profile;
using test::rights;
using test::World;
using What = ContainerOutcome::What;
using Puts = std::vector<ContainerPut>;

ContainerPut put_of(const std::string& name, std::int64_t ms, const std::string& permissions = {}) {
  ContainerPut put;
  put.id = container(name);
  put.write.data = R"({"id":")" + name.substr(name.rfind('/') + 1) + R"(","last_modified":)" +
                   std::to_string(epoch + ms) + R"(,"n":1})";
  if (!permissions.empty()) put.write.lists = test::lists(permissions);
  return put;
}

Result<std::vector<ContainerOutcome>> put(World& world, Puts puts) {
  return kinto::test::run(put_containers(world.to_replica, std::move(puts)));
}

// "done 50, changed": what became of each, and where those that are done stand.
std::string said(const Result<std::vector<ContainerOutcome>>& outcomes) {
  if (!outcomes) return "error " + std::to_string(outcomes.error().status);
  std::string out;
  for (const ContainerOutcome& one : *outcomes) {
    out += out.empty() ? "" : ", ";
    if (one.what == What::done) out += "done " + std::to_string(one.now.stamp.ms - epoch);
    if (one.what == What::changed) out += "changed";
    if (one.what == What::no_right) out += "no right " + std::to_string(one.status);
    if (one.what == What::refused) out += "refused " + std::to_string(one.status);
  }
  return out;
}

const std::string put_d = "PUT /v1/buckets/b/collections/d";

}  // namespace

TEST_CASE("several go together, each under its guard, and are told as they stand then") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    World world(profile, profile);
    ContainerPut changed = put_of("b/collections/c", 60, R"({"read":["system.Everyone"]})");
    changed.guard = at(1);
    Puts puts{put_of("b/groups/g", 50), changed, put_of("b/collections/d", 70, rights(R"("r")"))};
    const auto outcomes = put(world, puts);
    CHECK(said(outcomes) == "done 50, done 60, done 70");
    CHECK(outcomes->at(1).now.lists->at("read") == std::set<std::string>{"system.Everyone"});
    CHECK(outcomes->at(1).now.data.find(R"("n":1)") != std::string::npos);
    CHECK(world.replica.asked("PUT /v1") == 0);
    CHECK(World::holds(world.replica, "b/groups/g").starts_with("50 "));
    CHECK(World::grants(world.replica, "b/collections/c") == R"({"read":["system.Everyone"]})");
    CHECK(World::grants(world.replica, "b/collections/d") == R"({"read":["r"]})");
    // What is there already is neither made nor written over.
    CHECK(said(put(world, puts)) == "changed, changed, changed");
    CHECK(World::holds(world.replica, "b/collections/c") == R"(60 {"n":1})");
  }
}

TEST_CASE("without lists of its own a container that is written keeps them") {
  World world;
  World::put(world.replica, "b/collections/d", 5, "", rights(R"("r")"));
  ContainerPut one = put_of("b/collections/d", 50);
  one.guard = at(5);
  CHECK(said(put(world, {one})) == "done 50");
  CHECK(World::grants(world.replica, "b/collections/d") == R"({"read":["r"]})");
}

TEST_CASE("more than one batch may hold go in several, in order") {
  World world;
  Puts puts;
  for (int i = 0; i < 60; ++i)
    puts.push_back(put_of("b/collections/m" + std::to_string(i), 100 + i));
  const auto outcomes = put(world, puts);
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->size() == 60);
  for (int i = 0; i < 60; ++i)
    CHECK(outcomes->at(static_cast<std::size_t>(i)).now.stamp == at(100 + i));
  CHECK(world.replica.asked("POST /v1/batch") == 3);
  CHECK(said(put(world, {})) == "");
}

TEST_CASE("what is too large for one request goes in halves, and what comes next is no larger") {
  World world;
  int refused = 0;
  constexpr std::size_t most = 1'024;
  world.replica.on(
      "POST /v1/batch",
      [&]() -> test::Site::Answer {
        if (world.replica.seen.back().size() <= most) return {};
        ++refused;
        const http::Response page{413, {}, "<html>too large</html>"};
        return test::Site::Answer(page);
      },
      1, always);
  Puts puts;
  for (int i = 0; i < 40; ++i)
    puts.push_back(put_of("b/collections/m" + std::to_string(i), 100 + i));
  const auto outcomes = put(world, puts);
  REQUIRE(outcomes.has_value());
  for (int i = 0; i < 40; ++i)
    CHECK(outcomes->at(static_cast<std::size_t>(i)).now.stamp == at(100 + i));
  CHECK(refused > 0);
  CHECK(refused < 5);
  CHECK(world.replica.asked("PUT /v1/buckets") < 5);  // no more than what is left over
}

TEST_CASE("what one container is answered") {
  struct Case {
    std::string what;
    int status;
    int number;  // 0: something in front of Kinto says it
    int times;
    std::string outcome;
  };
  for (const Case& c : {
           Case{"refused for what is in it", 400, 107, always, "refused 400"},
           Case{"too large", 413, 113, always, "refused 413"},
           Case{"no right", 403, 121, always, "no right 403"},
           Case{"its bucket is gone", 404, 111, always, "no right 404"},
           Case{"it breaks the server, which works else", 500, 999, always, "refused 500"},
           Case{"the server breaks once", 503, 201, 1, "done 50"},
           Case{"a limiter, for a while", 503, 0, 3, "done 50"},
           Case{"too many requests, for a while", 429, 0, 3, "done 50"},
           Case{"a firewall minds it", 403, 0, always, "refused 403"},
           Case{"a firewall, for a moment", 403, 0, 2, "done 50"},
           Case{"a firewall minds it, in other words", 400, 0, always, "refused 400"},
           Case{"a read-only node", 405, 115, always, "error 405"},
           Case{"a proxy without its server", 502, 0, always, "error 502"},
       }) {
    CAPTURE(c.what);
    World world;
    world.to_replica.set_patience(Millis{20'000});
    if (c.number != 0) world.replica.refuse(put_d, c.status, c.number, 1, c.times);
    if (c.number == 0) world.replica.block(put_d, c.status, 1, c.times);
    CHECK(said(put(world, {put_of("b/collections/d", 50)})) == c.outcome);
    CHECK(World::has(world.replica, "b/collections/d") == c.outcome.starts_with("done"));
  }
}

TEST_CASE("a server that takes no writes at all is an error, and no refusal of a container") {
  World world;
  world.to_replica.set_patience(Millis{0});
  world.replica.refuse("PUT ", 500, 999, 1, always);
  const auto outcomes = put(world, {put_of("b/collections/d", 50)});
  REQUIRE(outcomes.has_error());
  CHECK(outcomes.error().code == Errc::failing);
  CHECK(outcomes.error().message.find("PUT /buckets/b/collections/d: 500 no") != std::string::npos);
}

TEST_CASE("a server that works again after a while has refused nothing") {
  World world;
  world.replica.refuse(put_d, 500, 999, 1, 2);
  world.replica.refuse("records/canary", 500, 999);
  CHECK(said(put(world, {put_of("b/collections/d", 50)})) == "done 50");
}

TEST_CASE("a refused container does not take along what goes with it") {
  World world;
  world.replica.reject("e", 400);
  CHECK(said(put(world, {put_of("b/collections/d", 50), put_of("b/collections/e", 60),
                         put_of("b/collections/f", 70)})) == "done 50, refused 400, done 70");
  World other;
  other.replica.reject("e", 500);  // the batch holds a failure: each is sent by itself
  CHECK(said(put(other, {put_of("b/collections/d", 50), put_of("b/collections/e", 60),
                         put_of("b/collections/f", 70)})) == "changed, refused 500, changed");
  CHECK(World::has(other.replica, "b/collections/d"));
}

TEST_CASE("a batch that fails as a whole is sent singly") {
  World world;
  world.replica.refuse("POST /v1/batch", 500, 999, 1, always);
  CHECK(said(put(world, {put_of("b/collections/d", 50), put_of("b/groups/g", 60)})) ==
        "done 50, done 60");
}

TEST_CASE("an answer that is lost is met as a change, and nothing is written twice") {
  for (const std::string what : {"POST /v1/batch", "PUT /v1"}) {
    CAPTURE(what);
    World world;
    world.replica.lose_answer(what);
    Puts puts{put_of("b/collections/d", 50)};
    if (what.starts_with("POST")) puts.push_back(put_of("b/collections/e", 60));
    const auto outcomes = put(world, puts);
    CHECK(said(outcomes) == (puts.size() == 1 ? "changed" : "changed, changed"));
    CHECK(World::holds(world.replica, "b/collections/d") == R"(50 {"n":1})");
  }
}

TEST_CASE("a stamp that is taken gives way to the next free one, and nothing is lost with it") {
  World world(Profile::postgresql, Profile::postgresql);
  World::put(world.replica, "b/collections/other", 60);
  World::put(world.replica, "b/collections/more", 61);
  World::put(world.replica, "b/collections/another", 70);
  World::put(world.replica, "b/collections/newest", 100);
  // 409 takes back what came before it in a batch, and lets go on what comes behind (hazard 13).
  const auto outcomes = put(world, {put_of("b/collections/d", 50), put_of("b/collections/e", 60),
                                    put_of("b/collections/f", 70), put_of("b/collections/g", 80)});
  CHECK(said(outcomes) == "done 50, done 62, done 71, changed");
  CHECK(World::holds(world.replica, "b/collections/d") == R"(50 {"n":1})");
  CHECK(World::holds(world.replica, "b/collections/e") == R"(62 {"n":1})");
  CHECK(World::holds(world.replica, "b/collections/f") == R"(71 {"n":1})");
  CHECK(World::holds(world.replica, "b/collections/g") == R"(80 {"n":1})");
}

TEST_CASE("stamps that are always taken end it, for that container alone") {
  World world;
  world.replica.refuse(put_d, 409, 122, 1, always);
  CHECK(said(put(world, {put_of("b/collections/d", 50)})) == "refused 409");
  CHECK(world.replica.asked(put_d) == 22);  // once as all others, then 21 times
}

TEST_CASE("a failure is of one container, or of the server") {
  for (const Errc code : {Errc::rejected, Errc::conflict, Errc::turned_away, Errc::too_large,
                          Errc::held_up, Errc::unproven}) {
    CHECK(may_be_of_one(code));
  }
  for (const Errc code : {Errc::unreachable, Errc::untrusted, Errc::credentials, Errc::failing,
                          Errc::overloaded, Errc::read_only, Errc::not_kinto, Errc::stopped}) {
    CHECK_FALSE(may_be_of_one(code));
  }
}

}  // namespace kinto_mirror::sync
