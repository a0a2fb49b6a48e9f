#pragma once
// Cuts the answer to one batch into those of the reads that shared it. Pure.

#include "base/error.hpp"
#include "kinto/reply.hpp"

#include <cstddef>
#include <vector>

namespace kinto_mirror::kinto {

// What one read had of the batch: consecutive parts, as a batch of its own, or, `plain`, one part
// that stands for a GET.
struct Share {
  std::size_t parts = 1;
  bool plain = false;
};

// What each would have been answered by itself, in order; bodies are the server's own bytes. An
// error where `whole` is no answer to all of them, which says nothing of any.
Result<std::vector<Reply>> cut_batch(const Reply& whole, const std::vector<Share>& shares);

}  // namespace kinto_mirror::kinto
