#include "sync/probe.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

ResultTask<std::unordered_set<CollectionId>> moved(kinto::Server& master,
                                                   std::vector<Probe> probes) {
  std::unordered_set<CollectionId> out;
  const std::size_t at_once = master.batch_max_requests();
  for (std::size_t begin = 0; begin < probes.size(); begin += at_once) {
    const std::size_t end = std::min(probes.size(), begin + at_once);
    std::vector<kinto::Subrequest> requests;
    for (std::size_t i = begin; i < end; ++i) {
      // No If-None-Match: a 304 inside a batch makes the whole batch a 500 (hazard 14).
      requests.emplace_back("GET",
                            kinto::records_path(probes[i].id) +
                                "?_limit=1&_fields=id&_since=" + std::to_string(probes[i].etag.ms));
    }
    auto answers = co_await master.send(std::move(requests));
    const bool refused = answers.has_error() && (answers.error().code == Errc::read_only ||
                                                 answers.error().code == Errc::rejected);
    if (!answers && !refused) co_return answers.error();
    for (std::size_t i = begin; i < end; ++i) {
      const bool rests = !refused && (*answers)[i - begin].status == 200 &&
                         (*answers)[i - begin].etag == probes[i].etag;
      if (!rests) out.insert(probes[i].id);
    }
  }
  co_return out;
}

}  // namespace kinto_mirror::sync
