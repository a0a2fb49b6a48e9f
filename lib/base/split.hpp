#pragma once
// Halves of what was too much at once. Pure.

#include <cstddef>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

namespace kinto_mirror {

// Puts two halves in the place of the chunk in front, in the same order; false when it holds one
// item only.
template <class T>
bool split_front(std::deque<std::vector<T>>& chunks) {
  std::vector<T>& front = chunks.front();
  if (front.size() < 2) return false;
  const auto middle = front.begin() + static_cast<std::ptrdiff_t>(front.size() / 2);
  std::vector<T> second(std::make_move_iterator(middle), std::make_move_iterator(front.end()));
  front.erase(middle, front.end());
  chunks.insert(chunks.begin() + 1, std::move(second));
  return true;
}

}  // namespace kinto_mirror
