#include "sync/read/visibility.hpp"

#include "kinto/status.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// In the form of a UUID4, which every id generator takes, and by the clock, so that no cache knows
// the answer.
std::string absent_path(const CollectionId& id, const Clock& clock) {
  constexpr std::size_t digits = 12;
  std::string ms = std::to_string(clock.wall().ms);
  ms.insert(0, digits - std::min(digits, ms.size()), '0');
  return kinto::record_path(id, "ab5e7700-0000-4000-8000-" + ms.substr(ms.size() - digits));
}

// `answer`: to a GET of a record that does not exist.
Result<void> shows_whole(const kinto::ServerConfig& config, const CollectionId& id,
                         const std::string& path, const kinto::Answer& answer) {
  constexpr int missing_resource = 110;
  const bool absent = answer.status == 404 && answer.error_number == missing_resource;
  if (absent || answer.status == 200) return success();
  if (answer.status == 403) {
    return kinto::error_of(
        config, Errc::forbidden,
        "shows only a part of " + id.str() +
            "; give its user the right to read the whole collection, or the bucket",
        answer.status);
  }
  // Another 404 may be anybody's: of a gateway, or of a collection that was deleted meanwhile.
  const Errc code = answer.status == 404 ? Errc::unproven : kinto::code_of_status(answer.status);
  return kinto::error_of(config, code,
                         "GET " + path + ": " + kinto::said(answer.status, answer.message) +
                             "; this does not tell whether it shows the whole of the collection",
                         answer.status);
}

}  // namespace

ResultTask<Sight> sight_of(kinto::Server& server, CollectionId id, const Clock& clock,
                           std::vector<std::string> ids) {
  const std::string path = absent_path(id, clock);
  auto both = co_await server.count_beside(kinto::records_path(id), path, std::move(ids));
  if (!both) co_return both.error();
  Sight sight;
  sight.count = std::move(both->count);
  sight.whole = shows_whole(server.config(), id, path, both->beside);
  co_return sight;
}

ResultTask<void> shows_everything(kinto::Server& server, CollectionId id, const Clock& clock) {
  const std::string path = absent_path(id, clock);
  const auto answer = co_await server.look(path);
  if (!answer) co_return answer.error();
  co_return shows_whole(server.config(), id, path, *answer);
}

}  // namespace kinto_mirror::sync
