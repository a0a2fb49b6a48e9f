#pragma once
// From which stamp the next poll reads. Pure.

#include "base/clock.hpp"
#include "base/types.hpp"

namespace kinto_mirror::sync {

// `etag` and `date` are those of the *first* page of a walk: rows that are written while later
// pages are read lie above them. The smaller one counts, since a record with a future stamp drives
// the ETag ahead of the clock (hazard 7). The overlap leaves room for transactions that took their
// stamp before the page was read and commit after it (hazard 1). A date of 0 means none was given.
Stamp next_cursor(Stamp etag, Stamp date, Millis overlap) noexcept;

}  // namespace kinto_mirror::sync
