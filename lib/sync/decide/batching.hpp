#pragma once
// How writes share a request. Pure.

#include "sync/decide/chunks.hpp"
#include "sync/decide/write.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace kinto_mirror::sync {

// A batch's body at most; a single larger record goes alone.
inline constexpr std::size_t max_batch_bytes = std::size_t{512} * 1024;

std::size_t requests_of(const Write& write) noexcept;

// Its path would spoil a batch, so that it is sent one request after the other.
bool goes_alone(const Write& write, const CollectionId& collection);

// In the same order, each chunk within `max_requests` and max_batch_bytes. What would spoil a batch
// has a chunk of its own: the others' DELETE and PUT must stay together.
std::deque<std::vector<Write>> into_chunks(std::vector<Write> writes, std::size_t max_requests,
                                           const CollectionId& collection);

std::vector<kinto::Subrequest> subrequests_of(const std::vector<Write>& writes,
                                              const CollectionId& collection);

// Puts halves in the place of the chunk in front until it has at most `most` bytes, or one write.
void split_to(std::deque<std::vector<Write>>& chunks, std::int64_t most);

// One outcome a write. REQUIRES: `answers` are those of subrequests_of(writes).
std::vector<Outcome> outcomes_of(const std::vector<Write>& writes,
                                 const std::vector<kinto::Answer>& answers);

// The other writes of the same batch cannot count on having been stored.
bool undoes_batch(const Outcome& outcome) noexcept;

}  // namespace kinto_mirror::sync
