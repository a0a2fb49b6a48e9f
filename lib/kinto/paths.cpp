// Paths and queries, as they go on the wire.

#include "base/json_text.hpp"
#include "http/url.hpp"
#include "kinto/server.hpp"

namespace kinto_mirror::kinto {

std::string bucket_path(const CollectionId& id) {
  return "/buckets/" + http::percent_encode(id.bucket);
}

std::string collections_path(std::string_view bucket) {
  return "/buckets/" + http::percent_encode(bucket) + "/collections";
}

std::string groups_path(std::string_view bucket) {
  return "/buckets/" + http::percent_encode(bucket) + "/groups";
}

std::string collection_path(const CollectionId& id) {
  return bucket_path(id) + "/collections/" + http::percent_encode(id.collection);
}

std::string records_path(const CollectionId& id) {
  return collection_path(id) + "/records";
}

std::string record_path(const CollectionId& id, std::string_view record) {
  return records_path(id) + "/" + http::percent_encode(record);
}

std::string query_of(const Listing& listing) {
  std::string query = listing.by_id ? "?_sort=id" : "?_sort=last_modified,id";
  std::optional<Stamp> since = listing.since;
  if (!listing.from.listed.empty()) since = Stamp{listing.from.stamp.ms - 1};
  if (since && since->ms >= 0) {
    query += "&_since=" + std::to_string(since->ms);
  } else if (since) {
    query += "&not_last_modified=86399999";
  }
  if (!listing.from.id.empty()) {
    query += "&gt_id=" + http::percent_encode(json::quoted(listing.from.id));
  }
  if (listing.before) query += "&_before=" + std::to_string(listing.before->ms);
  if (listing.stamps_only) query += "&_fields=deleted";
  if (listing.with_deleted_field) query += "&has_deleted=true";
  if (listing.ids.size() == 1) {
    // Kinto splits `in_id` at each comma, even between quotes (hazard 63): this carries any id.
    query += "&id=" + http::percent_encode(json::quoted(listing.ids.front()));
  } else if (!listing.ids.empty()) {
    // Each as a JSON string: `in_id=1,2` is a 400, since Kinto reads numbers, and an id that ends
    // in a newline (hazard 40) is found in no other spelling.
    query += "&in_id=";
    for (const std::string& id : listing.ids) {
      if (query.back() != '=') query += ',';
      query += http::percent_encode(json::quoted(id));
    }
  }
  if (listing.limit > 0) query += "&_limit=" + std::to_string(listing.limit);
  if (!listing.from.token.empty()) query += "&_token=" + listing.from.token;
  return query;
}

bool may_filter_by(Stamp stamp, Stamp now) noexcept {
  // Nearly a day: the server's clock moves on, and its Date has whole seconds.
  constexpr std::int64_t ahead = 23LL * 3600 * 1000;
  return stamp.ms >= 0 && stamp.ms < now.ms + ahead;
}

}  // namespace kinto_mirror::kinto
