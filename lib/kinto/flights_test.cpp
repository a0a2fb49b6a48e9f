// What several replicas want of their master at the same moment, as a Server asks for it.
#include "kinto/test_crowd.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::batch;
using test::Crowd;
using Said = std::vector<std::string>;

constexpr Millis gather{5'000};
constexpr Millis linger{20};
const std::string path = "/buckets/b/collections/c/records";
const std::string counted =
    R"({"status":200,"headers":{"ETag":"\"7\"","Total-Objects":"3"},"body":{}})";
const std::string page = R"({"data":[{"id":"a","last_modified":5}]})";

Task<void> list(Crowd& crowd) {
  Listing listing;
  listing.since = Stamp{0};
  const auto got = co_await crowd.server.list(path, std::move(listing));
  crowd.said.push_back(got ? "listed " + std::to_string(got->entries.size()) : got.error().message);
}

Task<void> count(Crowd& crowd) {
  const auto got = co_await crowd.server.count(path);
  crowd.said.push_back(got ? "counted " + std::to_string(got->live) : got.error().message);
}

Task<void> list_later(Crowd& crowd) {
  Stop nobody;
  co_await crowd.clock.sleep(3 * linger, nobody);
  co_await list(crowd);
}

}  // namespace

TEST_CASE("a page that two want is asked for once, and who comes later asks anew") {
  Crowd crowd(gather, linger);
  crowd.script.answer(200, page, {{"ETag", "\"7\""}}).answer(200, page, {{"ETag", "\"7\""}});
  crowd.run({list, list, list_later});
  CHECK(crowd.said == Said{"listed 1", "listed 1", "listed 1"});
  CHECK(crowd.asked().size() == 2);
}

TEST_CASE("one replica waits for nobody, and each asks for itself") {
  Crowd crowd(gather);
  crowd.script.answer(200, page, {{"ETag", "\"7\""}}).answer(200, page, {{"ETag", "\"7\""}});
  crowd.run({list, list});
  CHECK(crowd.asked().size() == 2);
}

TEST_CASE("what two want of a batch is one part of it, and both have its answer") {
  Crowd crowd(gather, linger);
  crowd.script.answer(200, batch({counted}));
  crowd.run({count, count, count});
  CHECK(crowd.said == Said{"counted 3", "counted 3", "counted 3"});
  CHECK(crowd.asked() == Said{"POST /v1/batch " + path});
}

TEST_CASE(
    "a failure of what was asked together is each one's own, who asks again with the others") {
  Crowd crowd(gather, linger);
  crowd.script.fail(Errc::unreachable).answer(200, page, {{"ETag", "\"7\""}});
  crowd.script.answer(200, page, {{"ETag", "\"7\""}});
  crowd.run({list, list});
  CHECK(crowd.said == Said{"listed 1", "listed 1"});
  CHECK(crowd.asked().size() <= 3);
}

}  // namespace kinto_mirror::kinto
