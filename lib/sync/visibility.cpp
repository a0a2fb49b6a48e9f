#include "sync/visibility.hpp"

namespace kinto_mirror::sync {

ResultTask<void> shows_everything(kinto::Server& server, CollectionId id, const Clock& clock) {
  const std::string absent = "absent-" + std::to_string(clock.wall().ms);
  const auto record = co_await server.object(kinto::record_path(id, absent));
  if (record || record.error().code == Errc::not_found) co_return success();
  if (record.error().code != Errc::forbidden) co_return record.error();
  const kinto::ServerConfig& config = server.config();
  co_return Error(Errc::forbidden,
                  config.name + " " + config.url + ": shows only a part of " + id.str() +
                      "; give its user the right to read the whole collection, or the bucket",
                  record.error().status);
}

ResultTask<void> shown_whole(const PassContext& context, CollectionId id, bool replica_too) {
  auto whole = co_await shows_everything(context.master, id, context.clock);
  if (!whole || !replica_too) co_return whole;
  co_return co_await shows_everything(context.replica, std::move(id), context.clock);
}

}  // namespace kinto_mirror::sync
