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

ResultTask<std::unordered_map<CollectionId, kinto::Count>> counts(kinto::Server& server,
                                                                  std::vector<CollectionId> ids) {
  std::unordered_map<CollectionId, kinto::Count> out;
  const std::size_t at_once = server.batch_max_requests();
  for (std::size_t begin = 0; begin < ids.size(); begin += at_once) {
    const std::size_t end = std::min(ids.size(), begin + at_once);
    std::vector<kinto::Subrequest> requests;
    for (std::size_t i = begin; i < end; ++i) {
      // No If-None-Match: a 304 inside a batch makes the whole batch a 500 (hazard 14).
      requests.emplace_back("HEAD", kinto::records_path(ids[i]));
    }
    auto answers = co_await server.send(std::move(requests));
    if (!answers && concerns_all(answers.error().code)) co_return answers.error();
    if (!answers) continue;
    for (std::size_t i = begin; i < end; ++i) {
      const kinto::Answer& answer = (*answers)[i - begin];
      if (answer.status != 200 || !answer.etag || !answer.total) continue;
      kinto::Count count;
      count.live = *answer.total;
      count.etag = *answer.etag;
      out[ids[i]] = count;
    }
  }
  co_return out;
}

}  // namespace kinto_mirror::sync
