#pragma once
// One request on its way through the model.

#include "http/transport.hpp"
#include "model/options.hpp"
#include "model/remembered.hpp"
#include "model/store.hpp"
#include "model/values.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::model {

enum class Kind { bucket, group, collection, record, history };

struct Target {
  Kind kind = Kind::bucket;
  bool plural = false;
  std::string bucket;
  std::string collection;
  std::string id;   // empty on a plural endpoint
  std::string uri;  // "/buckets/b/collections/c/records"
  std::string plural_uri;
  Place place;

  [[nodiscard]] std::string uri_of(const std::string& object) const;
};

using Query = std::vector<std::pair<std::string, std::string>>;

// Something to be done at the end of the request, or of the whole batch.
struct Event {
  enum class What { bucket_deleted, collection_deleted, group_deleted, group_written } what;
  std::string uri;
  std::set<std::string> members_before;
  std::set<std::string> members_now;
  std::string user;                // who deleted a collection
  std::optional<Epoch> tombstone;  // and its stamp
};

// What a request remembers, and shares with the requests of its batch.
struct Unit {
  std::set<std::string> known_collections;
  std::vector<Event> events;
  bool passing = false;  // it may be answered otherwise a moment later, though nothing changes
};

struct Server {
  Options options;
  ClockOfServer clock;
  Store store;
  std::set<std::string> tokens;  // of pages of deletions, not used yet
  std::uint64_t serial = 0;
  std::map<std::string, std::optional<std::string>, std::less<>> users;  // by Authorization
  Remembered remembered;

  [[nodiscard]] bool on_memory() const { return options.profile == Profile::memory; }
  [[nodiscard]] bool is_old() const { return options.age == Age::kinto_11; }
  std::string new_uuid();
};

struct Call {
  Server& server;
  Unit& unit;
  const http::Request& request;
  const json::value* body;  // of a batch's request, parsed; else it is the request's own
  Target target;
  Query query;
  std::optional<std::string> user;
  std::vector<std::string> principals;
  std::optional<std::string> alert;

  // Where a handler's answer begins: the headers that it has set so far.
  http::Response answer;
};

// An object with the fields of its own, as it is answered.
json::object whole(const std::string& id, const Object& object);
// The same, made once.
const json::object& listed(const std::string& id, const Object& object);

std::string_view name_of(Kind kind) noexcept;
bool is_valid_id(std::string_view id) noexcept;

}  // namespace kinto_mirror::model
