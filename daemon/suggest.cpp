#include "daemon/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

// Levenshtein: insertions, deletions and replacements from one to the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view given, const std::vector<std::string>& known) {
  // Two slips, or one in three characters; but something of the name must be left.
  std::size_t best = std::min(std::max<std::size_t>(given.size() / 3, 2) + 1, given.size());
  std::string name;
  for (const std::string& candidate : known) {
    const std::size_t steps = distance(given, candidate);
    if (steps < best) {
      best = steps;
      name = candidate;
    }
  }
  return name;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace kinto_mirror::daemon
