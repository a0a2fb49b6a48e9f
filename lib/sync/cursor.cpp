#include "sync/cursor.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

Stamp next_cursor(Stamp etag, Stamp date, Millis overlap) noexcept {
  const Stamp newest = date.ms > 0 ? std::min(etag, date) : etag;
  return Stamp{std::max<std::int64_t>(0, newest.ms - overlap.count())};
}

}  // namespace kinto_mirror::sync
