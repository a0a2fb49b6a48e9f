#include "sync/decide/hints.hpp"

#include <utility>

namespace kinto_mirror::sync {

void Hint::take(const kinto::Recent* answer, Instant now) {
  constexpr Millis disbelief{3'600'000};
  quiet_ = false;
  const bool answered =
      answer != nullptr && answer->page.stored.empty() && answer->page.etag > Stamp{};
  if (!answered) {
    etag_.reset();
    return;
  }
  const bool same = answer->whole && answer->page.entries.empty() && etag_ == answer->page.etag;
  if (std::exchange(owes_, false) && same) believed_from_ = now + disbelief;
  quiet_ = same && now >= believed_from_;
  etag_ = answer->page.etag;
}

}  // namespace kinto_mirror::sync
