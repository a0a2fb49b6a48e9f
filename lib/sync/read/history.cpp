#include "sync/read/history.hpp"

#include "base/json_slice.hpp"
#include "http/url.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::sync {

namespace {

std::optional<Stamp> stamp_of(std::string_view object) {
  const auto value = json::member(object, "last_modified");
  const auto ms = value ? json::to_int(*value) : std::nullopt;
  return ms ? std::optional(Stamp{*ms}) : std::nullopt;
}

// {"action": "delete", "last_modified": 17, "target": {"data": {"last_modified": 15, ...}}, ...}:
// an entry's own stamp is some milliseconds behind that of the tombstone.
std::optional<Stamp> deletion_in(std::string_view rows) {
  json::ArrayReader reader(rows);
  std::string_view entry;
  if (!reader.next(entry)) return std::nullopt;
  const auto target = json::member(entry, "target");
  const auto data = target ? json::member(*target, "data") : std::nullopt;
  const auto stamp = data ? stamp_of(*data) : std::nullopt;
  return stamp ? stamp : stamp_of(entry);
}

}  // namespace

ResultTask<std::optional<Stamp>> newest_deletion(kinto::Server& master, CollectionId id) {
  std::string path = kinto::bucket_path(id) + "/history?uri=";
  path += http::percent_encode("/buckets/" + id.bucket + "/collections/" + id.collection);
  path += "&action=delete&_sort=-last_modified&_limit=1";
  const auto answer = co_await master.look(std::move(path));
  if (!answer) co_return answer.error();
  if (answer->status != 200 || answer->in_front) co_return std::optional<Stamp>();
  co_return deletion_in(answer->rows);
}

}  // namespace kinto_mirror::sync
