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

std::optional<std::string> text_of(std::string_view object, std::string_view key) {
  const auto value = json::member(object, key);
  return value ? json::to_string(*value) : std::nullopt;
}

// {"uri": "/buckets/b/collections/c", "action": "delete", "last_modified": 17,
//  "target": {"data": {"last_modified": 15, ...}}, ...}: an entry's own stamp is some milliseconds
// behind that of the tombstone.
FormerLife former_life_in(std::string_view rows, const std::string& uri) {
  FormerLife out;
  json::ArrayReader reader(rows);
  std::string_view entry;
  if (!reader.next(entry)) {
    out.told = reader.ok();
    return out;
  }
  // Held against what was asked for: something in front may drop the query.
  if (text_of(entry, "uri") != uri || text_of(entry, "action") != "delete") return out;
  const auto target = json::member(entry, "target");
  const auto data = target ? json::member(*target, "data") : std::nullopt;
  out.ended = data ? stamp_of(*data) : std::nullopt;
  if (!out.ended) out.ended = stamp_of(entry);
  out.told = out.ended.has_value();
  return out;
}

}  // namespace

ResultTask<FormerLife> newest_deletion(kinto::Server& master, CollectionId id) {
  const std::string uri = "/buckets/" + id.bucket + "/collections/" + id.collection;
  std::string path = kinto::bucket_path(id) + "/history?uri=";
  path += http::percent_encode(uri);
  path += "&action=delete&_sort=-last_modified&_limit=1";
  const auto answer = co_await master.look(std::move(path));
  if (!answer) co_return answer.error();
  const bool shown = answer->status == 200 && !answer->in_front && !answer->rows.empty();
  if (!shown) co_return FormerLife();
  co_return former_life_in(answer->rows, uri);
}

}  // namespace kinto_mirror::sync
