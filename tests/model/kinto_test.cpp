#include "model/kinto.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

// What HTTP alone cannot show. The rest is in tests/test_conformance.py, beside real Kinto.

namespace kinto_mirror::model {

namespace {

const std::string records = "/v1/buckets/b/collections/c/records";

struct World {
  Epoch now = 1'700'000'000'000;
  Kinto kinto;

  explicit World(Profile profile) : kinto(options(profile), [this] { return now; }) {
    REQUIRE(put("/v1/buckets/b").status == 201);
    REQUIRE(put("/v1/buckets/b/collections/c").status == 201);
  }

  static Options options(Profile profile) {
    Options result;
    result.profile = profile;
    return result;
  }
  static http::Request request(std::string method, std::string target, std::string body = {}) {
    return {std::move(method),
            std::move(target),
            {{"Authorization", "Basic YWxpY2U6YQ=="}},
            std::move(body)};
  }
  http::Response send(std::string method, std::string target, std::string body = {}) {
    return kinto.answer(request(std::move(method), std::move(target), std::move(body)));
  }
  http::Response put(std::string target) {
    return send("PUT", std::move(target), R"({"data":{}})");
  }

  json::array list(const std::string& query) {
    return json::parse(send("GET", records + query).body).at("data").as_array();
  }
  Epoch etag() {
    const http::Response response = send("HEAD", records);
    const std::string text(http::find_header(response.headers, "ETag").value());
    return std::stoll(text.substr(1));
  }
};

}  // namespace

TEST_CASE("a write that commits late has a stamp below the ETag that was seen") {
  World world(Profile::postgresql);
  const Kinto::Held held =
      world.kinto.hold(World::request("PUT", records + "/a", R"({"data":{}})"));
  world.now += 5;
  CHECK(world.put(records + "/b").status == 201);
  const Epoch seen = world.etag();
  CHECK(world.list("").size() == 1);
  CHECK(world.kinto.commit(held).status == 201);
  CHECK(world.list("").size() == 2);
  CHECK(world.etag() == seen);
  CHECK(world.list("?_since=" + std::to_string(seen)).empty());
}

TEST_CASE("a write that commits late loses its stamp to who committed first") {
  World world(Profile::postgresql);
  (void)world.etag();
  const Kinto::Held held =
      world.kinto.hold(World::request("PUT", records + "/a", R"({"data":{}})"));
  CHECK(world.put(records + "/b").status == 201);  // in the same millisecond
  CHECK(world.kinto.commit(held).status == 409);
  CHECK(world.list("").size() == 1);
}

TEST_CASE("a request that fails holds nothing") {
  World world(Profile::postgresql);
  const Kinto::Held held =
      world.kinto.hold(World::request("PUT", records + "/a!", R"({"data":{}})"));
  CHECK(world.kinto.commit(held).status == 400);
  CHECK(world.list("?_since=0").empty());
}

TEST_CASE("a purge takes the tombstones, and on PostgreSQL the ETag goes back") {
  World world(Profile::postgresql);
  world.put(records + "/a");
  const Epoch before = world.etag();
  world.now += 1000;
  world.put(records + "/b");
  world.send("DELETE", records + "/b");
  CHECK(world.list("?_since=0").size() == 2);
  world.kinto.purge_deleted("/buckets/*");
  CHECK(world.list("?_since=0").size() == 1);
  CHECK(world.etag() == before);
}

TEST_CASE("a restart empties a memory server only") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    World world(profile);
    world.put(records + "/a");
    world.kinto.restart();
    CHECK(world.send("GET", records).status == (profile == Profile::memory ? 403 : 200));
  }
}

TEST_CASE("a restored backup is what it was") {
  World world(Profile::postgresql);
  world.put(records + "/a");
  const Store backup = world.kinto.store();
  world.send("DELETE", records + "/a");
  world.kinto.restore(backup);
  CHECK(world.list("?_since=0").size() == 1);
}

TEST_CASE("a hard end of life is the answer to everything") {
  World world(Profile::memory);
  world.kinto.options().end_of_life = EndOfLife::hard;
  world.kinto.options().end_message = "it has ended";
  const http::Response response = world.send("GET", "/v1/");
  CHECK(response.status == 410);
  CHECK(http::find_header(response.headers, "Alert").has_value());
}

}  // namespace kinto_mirror::model
