#include "sync/write/containers.hpp"

#include "sync/test_pair.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::Pair;

const std::string metadata = R"({"id":"c","last_modified":50,"sort":"-n", "x":1.0})";

Result<bool> ensure(Pair& pair) {
  return pair.run<Result<bool>>([](const PassContext& context) {
    return ensure_collection(context, CollectionId("b", "c"));
  });
}

std::string body_with(std::int64_t stamp) {
  return R"({"data":{"id":"c","last_modified":)" + std::to_string(stamp) +
         R"(,"sort":"-n", "x":1.0}})";
}

}  // namespace

TEST_CASE("a collection whose stamp another one has takes the next one") {
  Pair pair;
  pair.master.script.answer(200, R"({"data":)" + metadata + "}");
  pair.replica.script.answer(409).answer(409).answer(201);
  const auto created = ensure(pair);
  REQUIRE(created.has_value());
  CHECK(*created);
  REQUIRE(pair.replica.script.seen.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(pair.replica.request(i).target == "/v1/buckets/b/collections/c");
    CHECK(pair.replica.request(i).body == body_with(50 + static_cast<std::int64_t>(i)));
    CHECK(http::find_header(pair.replica.request(i).headers, "If-None-Match") == "*");
  }
}

TEST_CASE("a collection that somebody creates at the same moment is there, not new") {
  Pair pair;
  pair.master.script.answer(200, R"({"data":)" + metadata + "}");
  pair.replica.script.answer(409).answer(412);
  const auto created = ensure(pair);
  REQUIRE(created.has_value());
  CHECK_FALSE(*created);
}

TEST_CASE("a collection that may not be shown is created without metadata, through clashes too") {
  Pair pair;
  pair.master.script.answer(403, R"({"errno":121})");
  pair.replica.script.answer(409).answer(201);
  const auto created = ensure(pair);
  REQUIRE(created.has_value());
  CHECK(*created);
  CHECK(pair.replica.request(1).body.empty());
}

// Its data would be nobody's, and its stamp the replica's present, which nothing lowers.
TEST_CASE("a 403 that is not Kinto's own does not create a collection without its metadata") {
  for (const std::string body : {R"({"errno":999,"message":"told so"})", "<html>no</html>", ""}) {
    CAPTURE(body);
    Pair pair;
    pair.master.script.answer(403, body);
    const auto created = ensure(pair);
    REQUIRE_FALSE(created.has_value());
    CHECK(created.error().status == 403);
    CHECK(created.error().message.find("GET /buckets/b/collections/c: 403") != std::string::npos);
    CHECK(pair.replica.script.seen.empty());
  }
}

TEST_CASE("a collection that the master does not have any more is not created") {
  Pair pair;
  pair.master.script.answer(404, R"({"errno":110})");
  const auto created = ensure(pair);
  REQUIRE_FALSE(created.has_value());
  CHECK(created.error().code == Errc::not_found);
  CHECK(pair.replica.script.seen.empty());
}

TEST_CASE("a container that always meets a 409 is an error, after a bounded number of tries") {
  Pair pair;
  pair.master.script.answer(200, R"({"data":)" + metadata + "}");
  for (int i = 0; i < 100; ++i)
    pair.replica.script.answer(409, R"({"errno":122,"message":"taken"})");
  const auto created = ensure(pair);
  REQUIRE(created.has_error());
  CHECK(created.error().status == 409);
  CHECK(created.error().message.find("/buckets/b/collections/c: 409 taken") != std::string::npos);
  CHECK(pair.replica.script.seen.size() < 50);
}

}  // namespace kinto_mirror::sync
