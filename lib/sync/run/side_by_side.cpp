#include "sync/run/side_by_side.hpp"

#include <algorithm>
#include <string>

namespace kinto_mirror::sync {

ResultTask<std::vector<Visit>> smallest_first(const PassContext& context,
                                              std::vector<CollectionId> ids) {
  std::vector<Visit> visits;
  visits.reserve(ids.size());
  for (CollectionId& id : ids) visits.push_back({std::move(id), Why::routine, size_unknown});
  if (std::cmp_less_equal(visits.size(), context.options.parallel)) co_return visits;
  const std::size_t most = context.master.batch_max_requests();
  for (std::size_t begin = 0; begin < visits.size(); begin += most) {
    const std::size_t end = std::min(begin + most, visits.size());
    std::vector<std::string> paths;
    for (std::size_t i = begin; i < end; ++i) paths.push_back(kinto::records_path(visits[i].id));
    const auto counts = co_await context.master.counts(std::move(paths));
    if (!counts) co_return counts.error();
    for (std::size_t i = begin; i < end; ++i) {
      if (const auto& count = (*counts)[i - begin]) visits[i].size = count->live;
    }
  }
  std::ranges::stable_sort(visits, {}, &Visit::size);
  co_return visits;
}

}  // namespace kinto_mirror::sync
