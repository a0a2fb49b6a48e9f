#include "sync/decide/batching.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

const CollectionId collection("b", "c");

using Chunks = std::deque<std::vector<Write>>;
using Sizes = std::vector<std::size_t>;

Write write_of(Action action, int number, std::size_t bytes = 10) {
  Write write;
  write.action = action;
  write.change.id = "r" + std::to_string(number);
  write.record = std::string(bytes, 'x');
  return write;
}

std::vector<Write> writes_of(Action action, int count, std::size_t bytes = 10) {
  std::vector<Write> writes;
  for (int i = 0; i < count; ++i) writes.push_back(write_of(action, i, bytes));
  return writes;
}

Sizes sizes(const Chunks& chunks) {
  Sizes out;
  for (const auto& chunk : chunks) out.push_back(chunk.size());
  return out;
}

std::vector<std::string> ids(const Chunks& chunks) {
  std::vector<std::string> out;
  for (const auto& chunk : chunks) {
    for (const Write& write : chunk) out.push_back(write.change.id);
  }
  return out;
}

std::vector<std::string> first_ids(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("r" + std::to_string(i));
  return out;
}

}  // namespace

TEST_CASE("what would spoil a batch has a chunk of its own") {
  std::vector<Write> writes = writes_of(Action::recreate, 3);
  writes[1].change.id = "batch-1";
  CHECK(sizes(into_chunks(writes, 25, collection)) == Sizes{1, 1, 1});
  CHECK(sizes(into_chunks(writes_of(Action::recreate, 3), 25, collection)) == Sizes{3});
}

TEST_CASE("writes are cut into batches within the server's limit, in their order") {
  struct Case {
    int count;
    std::size_t limit;
    Sizes expected;
  };
  for (const Case& c : {Case{0, 25, {}}, Case{1, 25, {1}}, Case{25, 25, {25}},
                        Case{26, 25, {25, 1}}, Case{7, 3, {3, 3, 1}}, Case{3, 1, {1, 1, 1}}}) {
    CAPTURE(c.count);
    CAPTURE(c.limit);
    const Chunks chunks = into_chunks(writes_of(Action::create, c.count), c.limit, collection);
    CHECK(sizes(chunks) == c.expected);
    CHECK(ids(chunks) == first_ids(c.count));
  }
}

TEST_CASE("a recreate counts as the two requests that it is") {
  CHECK(requests_of(write_of(Action::recreate, 0)) == 2);
  for (const Action action : {Action::create, Action::update, Action::remove}) {
    CHECK(requests_of(write_of(action, 0)) == 1);
  }
  CHECK(sizes(into_chunks(writes_of(Action::recreate, 5), 4, collection)) == Sizes{2, 2, 1});
  CHECK(sizes(into_chunks(writes_of(Action::recreate, 5), 5, collection)) == Sizes{2, 2, 1});
  std::vector<Write> mixed = writes_of(Action::create, 3);
  mixed.push_back(write_of(Action::recreate, 3));
  mixed.push_back(write_of(Action::create, 4));
  CHECK(sizes(into_chunks(mixed, 4, collection)) == Sizes{3, 2});
}

TEST_CASE("no batch holds more bytes than agreed, but a larger record goes alone") {
  const Chunks halves =
      into_chunks(writes_of(Action::create, 4, max_batch_bytes / 2 - 1000), 25, collection);
  CHECK(sizes(halves) == Sizes{2, 2});
  std::vector<Write> writes = writes_of(Action::create, 2);
  writes.push_back(write_of(Action::create, 2, max_batch_bytes * 2));
  writes.push_back(write_of(Action::create, 3));
  const Chunks chunks = into_chunks(writes, 25, collection);
  CHECK(sizes(chunks) == Sizes{2, 1, 1});
  CHECK(ids(chunks) == first_ids(4));
  for (const auto& chunk : into_chunks(writes_of(Action::create, 100, 60'000), 25, collection)) {
    std::size_t bytes = 0;
    for (const Write& write : chunk) bytes += write.bytes();
    CHECK(bytes <= max_batch_bytes);
    CHECK(chunk.size() > 1);
  }
}

TEST_CASE("a batch is split in two, until one write is left") {
  Chunks chunks = into_chunks(writes_of(Action::create, 7), 5, collection);
  CHECK(split_front(chunks));
  CHECK(sizes(chunks) == Sizes{2, 3, 2});
  CHECK(split_front(chunks));
  CHECK(sizes(chunks) == Sizes{1, 1, 3, 2});
  CHECK_FALSE(split_front(chunks));
  CHECK(ids(chunks) == first_ids(7));
}

TEST_CASE("the answers of a batch are dealt out to its writes") {
  std::vector<Write> writes;
  for (const Action action : {Action::create, Action::recreate, Action::remove, Action::update}) {
    Write write = write_of(action, static_cast<int>(writes.size()));
    write.change.stamp = write.placed = Stamp{100};
    writes.push_back(std::move(write));
  }
  const auto requests = subrequests_of(writes, CollectionId("b", "c"));
  std::vector<std::string> methods;
  for (const auto& request : requests) methods.push_back(request.method);
  CHECK(methods == std::vector<std::string>{"PUT", "DELETE", "PUT", "DELETE", "PUT"});
  std::vector<kinto::Answer> answers(5);
  answers[0].status = 400;
  answers[1].status = 200;
  answers[1].stamp = Stamp{101};  // the tombstone's
  answers[2].status = 201;
  answers[2].stamp = Stamp{100};
  answers[3].status = 404;
  answers[3].error_number = 110;
  answers[4].status = 409;
  const std::vector<Outcome> outcomes = outcomes_of(writes, answers);
  REQUIRE(outcomes.size() == 4);
  CHECK(outcomes[0].verdict == Verdict::refused);
  CHECK(outcomes[1].verdict == Verdict::applied);
  CHECK(outcomes[2].verdict == Verdict::already);
  CHECK(outcomes[3].verdict == Verdict::clash);
}

TEST_CASE("only a clash or a broken server makes the rest of a batch doubtful") {
  using enum Verdict;
  for (const Verdict verdict :
       {applied, already, replan, clash, refused, no_right, no_container, read_only, failing}) {
    Outcome outcome;
    outcome.verdict = verdict;
    CAPTURE(static_cast<int>(verdict));
    CHECK(undoes_batch(outcome) == (verdict == clash || verdict == failing));
  }
}

}  // namespace kinto_mirror::sync
