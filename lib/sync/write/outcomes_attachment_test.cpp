// Updates that the replica refuses because of the attachment.
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::batch;
using test::erased;
using test::Names;
using test::object;
using test::Pair;
using test::sent_to;
using test::stored;

const std::string refusal =
    R"({"code":400,"errno":999,"error":"Bad Request","message":"Attachment metadata cannot be )"
    R"(modified."})";

Write update(const std::string& members) {
  Write write;
  write.action = Action::update;
  write.change = Change{"r1", Stamp{9}, false};
  write.placed = Stamp{9};
  write.replica = Known{Stamp{4}, false};
  write.record = R"({"id":"r1","last_modified":9,)" + members + "}";
  return write;
}

std::vector<Write> one(const std::string& members = R"("attachment":{"hash":"x"})") {
  std::vector<Write> writes;
  writes.push_back(update(members));
  return writes;
}

std::string held(std::int64_t stamp) {
  return R"({"data":)" + object("r1", stamp) + R"(,"permissions":{"read":["somebody"]}})";
}

}  // namespace

TEST_CASE("what was refused for its attachment is deleted and put in one batch, with its rights") {
  Pair pair;
  pair.replica.script.answer(400, refusal)
      .answer(200, held(4))
      .shows_all()
      .answer(200, batch({erased(), stored(9)}));
  const auto [applied, error] = apply(pair, one());
  CHECK_FALSE(error);
  CHECK(applied.written.updated == 1);
  CHECK(applied.refused.empty());
  const Names sent = sent_to(pair.replica);
  REQUIRE(sent.size() == 4);
  CHECK(sent[0] == "PUT r1");
  CHECK(sent[3] == "DELETE r1, PUT r1");
  const std::string& body = pair.replica.script.seen[3].request.body;
  CHECK(body.find(R"("permissions":{"read":["somebody"]})") != std::string::npos);
  CHECK(body.find(R"("If-Match":"\"4\"")") != std::string::npos);
}

TEST_CASE("a memory backend has stored what it refused") {
  Pair pair;
  pair.replica.script.answer(400, refusal).answer(200, held(9));
  const auto [applied, error] = apply(pair, one());
  CHECK_FALSE(error);
  CHECK(applied.written.updated == 1);
  CHECK(sent_to(pair.replica).size() == 2);
}

TEST_CASE("another refusal is none for the attachment, and one by the batch is the record's") {
  Pair invalid;
  invalid.replica.script.answer(400, R"({"code":400,"errno":107,"message":"no"})");
  CHECK(apply(invalid, one()).applied.refused.size() == 1);
  CHECK(invalid.replica.script.seen.size() == 1);
  Pair without;
  without.replica.script.answer(400, refusal);
  CHECK(apply(without, one(R"("title":"attachment")")).applied.refused.size() == 1);
  CHECK(without.replica.script.seen.size() == 1);
  Pair twice;
  twice.replica.script.answer(400, refusal).answer(200, held(4)).shows_all().answer(400, refusal);
  const auto [applied, error] = apply(twice, one());
  CHECK_FALSE(error);
  REQUIRE(applied.refused.size() == 1);
  CHECK(applied.refused[0].reason == "Attachment metadata cannot be modified.");
}

}  // namespace kinto_mirror::sync
