#include "sync/probe.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// Anything else may be said of batches only, and a probe is a hint: ask without it.
bool concerns_all(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::untrusted || code == Errc::credentials ||
         code == Errc::stopped;
}

}  // namespace

ResultTask<std::unordered_map<CollectionId, Moved>> moved(kinto::Server& master,
                                                          std::vector<Probe> probes) {
  std::unordered_map<CollectionId, Moved> out;
  const std::size_t at_once = master.batch_max_requests();
  for (std::size_t begin = 0; begin < probes.size(); begin += at_once) {
    const std::size_t end = std::min(probes.size(), begin + at_once);
    std::vector<kinto::Subrequest> requests;
    for (std::size_t i = begin; i < end; ++i) {
      // No If-None-Match: a 304 inside a batch makes the whole batch a 500 (hazard 14).
      requests.emplace_back("HEAD", kinto::records_path(probes[i].id));
    }
    auto answers = co_await master.send(std::move(requests));
    const bool refused = answers.has_error();
    if (refused && concerns_all(answers.error().code)) co_return answers.error();
    for (std::size_t i = begin; i < end; ++i) {
      const Probe& probe = probes[i];
      const kinto::Answer answer = refused ? kinto::Answer() : (*answers)[i - begin];
      if (answer.status != 200 || answer.etag != probe.etag) {
        out[probe.id] = Moved::changed;
      } else if (answer.total && answer.total != probe.live) {
        out[probe.id] = Moved::recounted;
      }
    }
  }
  co_return out;
}

}  // namespace kinto_mirror::sync
