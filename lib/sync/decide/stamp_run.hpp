#pragma once
// Records of one stamp, and where each of them goes on a replica that holds a stamp once. Pure.

#include "base/types.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

// The stamps that the latest records of one stamp, or of neighbouring ones, were given. The next
// ones take the next ones, without asking for each. Example: three records at 7 and one at 8 are
// placed at 7, 8, 9 and 10.
class StampRun {
 public:
  // The stamp for a record that wants `placed`, which is no lower than those before it.
  // `holds_stamps_once`: the replica was seen to.
  Stamp place(Stamp placed, bool holds_stamps_once) noexcept {
    const bool taken = begin_ <= placed && placed <= end_;
    if (taken && holds_stamps_once) {
      placed = Stamp{end_.ms + 1};
    } else {
      begin_ = placed;
    }
    return end_ = placed;
  }

  // A record that wanted `stamp` was put at `placed`, since others had what it was given.
  void pushed(Stamp stamp, Stamp placed) noexcept {
    if (begin_ <= stamp && stamp <= end_) end_ = std::max(end_, placed);
  }

 private:
  Stamp begin_;
  Stamp end_;
};

}  // namespace kinto_mirror::sync
