#include "sync/stamp_trial.hpp"

#include "sync/containers.hpp"

namespace kinto_mirror::sync {

namespace {

using kinto::Answer;
using kinto::Subrequest;

// Well below the collection's ETag, to which a memory backend would not let a stamp be equal.
constexpr std::int64_t a_year_in_ms = 365LL * 24 * 3600 * 1000;

ResultTask<Answer> put(kinto::Server& replica, std::string path, Stamp stamp) {
  Subrequest request("PUT", std::move(path));
  request.data = R"({"last_modified":)" + std::to_string(stamp.ms) + "}";
  request.guard = Subrequest::Guard::if_absent;
  return replica.send_alone(std::move(request));
}

std::optional<bool> conclude(const Result<Answer>& first, const Result<Answer>& second,
                             Stamp stamp) {
  if (!first || !second || first->status != 201) return std::nullopt;
  if (second->status == 409) return true;
  if (second->status == 201 && second->stamp == stamp) return false;
  return std::nullopt;
}

}  // namespace

Task<std::optional<bool>> holds_stamps_once(const PassContext& context) {
  if (context.traits.holds_stamps_once) co_return context.traits.holds_stamps_once;
  const CollectionId place = own_collection();
  auto made = co_await ensure_own_collection(context.replica, place);
  if (!made) co_return std::nullopt;
  const std::int64_t now = context.clock.wall().ms;
  const Stamp stamp{now - a_year_in_ms};
  const std::string name = "stamp-trial-" + std::to_string(now) + "-";
  const std::string one = kinto::record_path(place, name + "1");
  const std::string other = kinto::record_path(place, name + "2");
  const auto first = co_await put(context.replica, one, stamp);
  const auto second = co_await put(context.replica, other, stamp);
  for (const std::string& path : {one, other}) {
    Subrequest erase("DELETE", path);
    [[maybe_unused]] const auto gone = co_await context.replica.send_alone(std::move(erase));
  }
  const auto once = conclude(first, second, stamp);
  if (once) context.traits.holds_stamps_once = once;
  co_return once;
}

}  // namespace kinto_mirror::sync
