#pragma once
// Cuts the answer to one batch into those of the requests that shared it. Pure.

#include "base/error.hpp"
#include "kinto/reply.hpp"

#include <cstddef>
#include <vector>

namespace kinto_mirror::kinto {

enum class Shared { reads, writes };

// What one request had of the batch: the places of its parts, as a batch of its own, or, `plain`,
// one part that stands for a request by itself. Several may have the same part.
struct Share {
  std::vector<std::size_t> parts;
  bool plain = false;
};

// What each would have been answered by itself, in order; bodies are the server's own bytes. An
// error where `whole` is no answer to all of them, which says nothing of any. Errc::conflict where
// one of several writes was answered 409 or 5xx, since PostgreSQL has undone what came before it
// then (hazard 13): no answer counts.
Result<std::vector<Reply>> cut_batch(const Reply& whole, const std::vector<Share>& shares,
                                     Shared kind);

}  // namespace kinto_mirror::kinto
