#pragma once
// Hands writes to an Applier, and tells what it sent, for its tests.

#include "base/json_slice.hpp"
#include "sync/test_pair.hpp"
#include "sync/write/applier.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

using Names = std::vector<std::string>;

inline std::string object(const std::string& id, std::int64_t stamp) {
  return R"({"id":")" + id + R"(","last_modified":)" + std::to_string(stamp) + "}";
}

inline Write create(const std::string& id, std::int64_t stamp) {
  Write write;
  write.action = Action::create;
  write.change = Change{id, Stamp{stamp}, false};
  write.placed = Stamp{stamp};
  write.record = object(id, stamp);
  return write;
}

// The master has a tombstone of what the replica holds at 1.
inline Write removal(const std::string& id, std::int64_t stamp) {
  Write write;
  write.action = Action::remove;
  write.change = Change{id, Stamp{stamp}, true};
  write.placed = Stamp{stamp};
  write.replica = Known{Stamp{1}, false};
  return write;
}

inline std::vector<Write> creates(int count) {
  std::vector<Write> writes;
  for (int i = 1; i <= count; ++i) writes.push_back(create("r" + std::to_string(i), i));
  return writes;
}

// Subanswers.
inline std::string stored(std::int64_t stamp) {
  return R"({"status":201,"body":{"data":)" + object("x", stamp) + "}}";
}
inline std::string holds(std::int64_t stamp) {
  return R"({"status":412,"body":{"errno":114,"details":{"existing":)" + object("x", stamp) + "}}}";
}
inline std::string erased() {
  return R"({"status":200,"body":{"data":{"id":"x","last_modified":7,"deleted":true}}})";
}
inline std::string plain(int status) {
  return R"({"status":)" + std::to_string(status) + R"(,"body":{"errno":999}})";
}

inline std::string batch(const Names& answers) {
  std::string out = R"({"responses":[)";
  for (const std::string& answer : answers) out += (out.back() == '[' ? "" : ",") + answer;
  return out + "]}";
}

struct Done {
  Applied applied;
  std::optional<Error> error;
};

// Flushed after each of `turns`.
inline Done apply_in_turns(Pair& pair, std::vector<std::vector<Write>> turns, Stamp horizon = {}) {
  return pair.run<Done>([&turns, horizon](const PassContext& context) -> Task<Done> {
    Applier applier(context, CollectionId("b", "c"), 1);
    if (horizon > Stamp{}) applier.set_horizon(horizon);
    Done out;
    for (std::vector<Write>& writes : turns) {
      for (Write& write : writes) {
        auto added = co_await applier.add(std::move(write));
        if (!added) break;
      }
      auto flushed = co_await applier.flush();
      if (!flushed) out.error = flushed.error();
    }
    out.applied = applier.applied();
    co_return out;
  });
}

inline Done apply(Pair& pair, std::vector<Write> writes, Stamp horizon = {}) {
  std::vector<std::vector<Write>> turns;
  turns.push_back(std::move(writes));
  return apply_in_turns(pair, std::move(turns), horizon);
}

// "PUT r1", of a batch or of a request that went alone; other requests by method and target.
inline Names sent_to(const kinto::test::Bench& server) {
  Names out;
  const auto name = [](const std::string& method, std::string target) {
    const std::size_t records = target.find("/records/");
    if (records != std::string::npos) target.erase(0, records + 9);
    return method + " " + target;
  };
  for (const auto& seen : server.script.seen) {
    if (seen.request.target != "/v1/batch") {
      out.push_back(name(seen.request.method, seen.request.target));
      continue;
    }
    std::string line;
    json::ArrayReader reader(*json::member(seen.request.body, "requests"));
    for (std::string_view request; reader.next(request);) {
      if (!line.empty()) line += ", ";
      line += name(*json::to_string(*json::member(request, "method")),
                   *json::to_string(*json::member(request, "path")));
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace kinto_mirror::sync::test
