#include "sync/decide/batching.hpp"

#include "base/require.hpp"

#include <utility>

namespace kinto_mirror::sync {

std::size_t requests_of(const Write& write) noexcept {
  return write.action == Action::recreate ? 2 : 1;
}

bool goes_alone(const Write& write, const CollectionId& collection) {
  return to_subrequests(write, collection).front().must_go_alone();
}

std::deque<std::vector<Write>> into_chunks(std::vector<Write> writes, std::size_t max_requests,
                                           const CollectionId& collection) {
  std::deque<std::vector<Write>> chunks;
  std::size_t requests = 0;
  std::size_t bytes = 0;
  bool after_lone = false;
  for (Write& write : writes) {
    const bool lone = write.suspect || goes_alone(write, collection);
    if (chunks.empty() || lone || after_lone || requests + requests_of(write) > max_requests ||
        bytes + write.bytes() > max_batch_bytes) {
      chunks.emplace_back();
      requests = 0;
      bytes = 0;
    }
    after_lone = lone;
    requests += requests_of(write);
    bytes += write.bytes();
    chunks.back().push_back(std::move(write));
  }
  return chunks;
}

namespace {

// As little as it may be in a batch: what Write::bytes() adds is generous.
std::size_t bytes_sent(const Write& write) noexcept {
  constexpr std::size_t around = 200;
  return write.record.size() + write.permissions.size() + write.change.id.size() + around;
}

}  // namespace

void split_to(std::deque<std::vector<Write>>& chunks, std::int64_t most) {
  const auto bytes_of = [](const std::vector<Write>& chunk) {
    std::size_t bytes = 0;
    for (const Write& write : chunk) bytes += bytes_sent(write);
    return bytes;
  };
  while (std::cmp_greater(bytes_of(chunks.front()), most) && split_front(chunks)) continue;
}

std::vector<kinto::Subrequest> subrequests_of(const std::vector<Write>& writes,
                                              const CollectionId& collection) {
  std::vector<kinto::Subrequest> out;
  for (const Write& write : writes) {
    for (kinto::Subrequest& request : to_subrequests(write, collection)) {
      out.push_back(std::move(request));
    }
  }
  return out;
}

std::vector<Outcome> outcomes_of(const std::vector<Write>& writes,
                                 const std::vector<kinto::Answer>& answers) {
  std::vector<Outcome> out;
  auto at = answers.begin();
  for (const Write& write : writes) {
    KINTO_MIRROR_REQUIRE(std::cmp_less_equal(requests_of(write), answers.end() - at));
    const auto end = at + static_cast<std::ptrdiff_t>(requests_of(write));
    out.push_back(classify(write, std::vector<kinto::Answer>(at, end)));
    at = end;
  }
  return out;
}

bool undoes_batch(const Outcome& outcome) noexcept {
  return outcome.verdict == Verdict::clash || outcome.verdict == Verdict::failing ||
         outcome.verdict == Verdict::turned_away;
}

}  // namespace kinto_mirror::sync
