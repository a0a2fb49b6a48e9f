#include "reader.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace kinto_mirror::simulate {

namespace {

boost::json::object body_of(const boost::json::object& record) {
  boost::json::object body;
  for (const auto& [key, value] : record) {
    if (key != "id" && key != "last_modified") body.emplace(key, value);
  }
  return body;
}

}  // namespace

http::Response Reader::get(const std::string& target) const {
  return replica_.kinto().answer(
      {"GET",
       target,
       {{"Authorization", Site::daemons_authorization(replica_.name())}, {"Host", "reader.test"}}});
}

// A new collection's ETag is the replica's own clock, above stamps that are still to come: until
// the newest of them has passed it, no reader can be served well. (Nor by a record whose stamp was
// that very millisecond, which pushes it on to the replica's present.)
bool Reader::may_start() const {
  const model::Shelf* const shelf = replica_.shelf(collection_);
  if (shelf == nullptr || shelf->by_stamp.empty()) return false;
  // On memory it would be the moment of his own question.
  if (replica_.on_memory() && !shelf->timestamp) return false;
  const auto& [newest, id] = *shelf->by_stamp.rbegin();
  return shelf->timestamp.value_or(0) <= newest && history_.had(collection_, id, newest);
}

void Reader::poll(int purges) {
  const std::uint64_t made = replica_.made(collection_);
  const bool is_other = std::exchange(made_, made) != made;
  const bool is_purged = std::exchange(purges_, purges) != purges;
  if (is_other || is_purged) {
    etag_.clear();
    copy_.clear();
  }
  if (!started() && !may_start()) return;
  const std::string records = "/v1" + records_of(collection_);
  // By id as well: of records that share a stamp, Kinto's own order loses those behind a page's end
  // (hazard 36), whatever the order in which they came.
  std::string target = records + "?_sort=-last_modified,id";
  if (started()) target += "&_since=%22" + etag_ + "%22";
  const bool old = std::as_const(replica_.kinto()).options().age == model::Age::kinto_11;
  if (old) target = records + "?_sort=last_modified&_since=" + (started() ? etag_ : "0");
  std::string etag;
  while (!target.empty()) {
    const http::Response page = get(target);
    if (page.status != 200) return;
    const auto tag = http::find_header(page.headers, "ETag");
    if (etag.empty() && tag) etag = std::string(tag->substr(1, tag->size() - 2));
    const boost::json::value body = boost::json::parse(page.body);
    const boost::json::array& rows = body.at("data").as_array();
    for (const auto& record : rows) {
      const bool deleted = record.as_object().contains("deleted");
      copy_[std::string(record.at("id").as_string())] = {
          record.at("last_modified").as_int64(), deleted, hash_of(body_of(record.as_object()))};
    }
    const auto next = http::find_header(page.headers, "Next-Page");
    target = next ? std::string(next->substr(next->find("/v1"))) : std::string();
    // The end that an old server tells is not the end.
    if (!old || rows.empty()) continue;
    target = records + "?_sort=last_modified&_since=" +
             std::to_string(rows.back().at("last_modified").as_int64());
  }
  etag_ = etag;
}

std::string Reader::missed() const {
  const Contents held = replica_.contents(collection_);
  const auto differs = [this](const Contents& one, const Contents& other) -> std::string {
    for (const auto& [id, record] : one) {
      if (record.deleted || history_.came_late(collection_, id)) continue;
      const auto same = other.find(id);
      // A record that was moved to a nearer stamp of before is the one that the reader has.
      if (same == other.end() || same->second.deleted ||
          (same->second.stamp != record.stamp && same->second.body != record.body)) {
        return id + "@" + std::to_string(record.stamp);
      }
    }
    return {};
  };
  const std::string unseen = differs(held, copy_);
  return unseen.empty() ? differs(copy_, held) : unseen;
}

}  // namespace kinto_mirror::simulate
