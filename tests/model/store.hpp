#pragma once
// What the backends hold: objects, timestamps of collections, permissions and members of groups.
// On PostgreSQL all of it is one database, so a transaction takes it all back.

#include "model/options.hpp"

#include <boost/json/object.hpp>

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kinto_mirror::model {

struct Object {
  Epoch stamp = 0;
  bool deleted = false;
  boost::json::object data;  // without id and last_modified
  std::uint64_t order = 0;   // of insertion: the memory backend lists equal stamps so

  // As it is listed, once somebody has asked for it.
  mutable std::shared_ptr<const boost::json::object> listed;
  // A hash of the data, once somebody has asked for it.
  mutable std::optional<std::size_t> hash;
};

// Where objects of one kind live: "/buckets/b/collections/c" and "record".
struct Place {
  std::string parent;
  std::string kind;
  auto operator<=>(const Place&) const = default;
};

struct Shelf {
  std::uint64_t revision = 0;  // another one whenever an object changes
  std::map<std::string, Object, std::less<>> objects;
  std::set<std::pair<Epoch, std::string>> by_stamp;
  std::optional<Epoch> timestamp;
};

using Permissions =
    std::map<std::string, std::set<std::string>, std::less<>>;           // "write" -> principals
using AllPermissions = std::map<std::string, Permissions, std::less<>>;  // by URI

// One slot of the store and what it held (or shall hold).
struct ObjectChange {
  Place place;
  std::string id;
  std::optional<Object> value;
};
struct TimestampChange {
  Place place;
  std::optional<Epoch> value;
};
struct PermissionsChange {
  std::string uri;
  std::optional<Permissions> value;
};
struct GroupsChange {
  std::string member;
  std::optional<std::set<std::string>> value;
};
using Change = std::variant<ObjectChange, TimestampChange, PermissionsChange, GroupsChange>;

class Store {
 public:
  [[nodiscard]] const Shelf* shelf(const Place& place) const;
  [[nodiscard]] const Object* object(const Place& place, const std::string& id) const;
  [[nodiscard]] const Object* live(const Place& place, const std::string& id) const;
  [[nodiscard]] const std::map<Place, Shelf>& shelves() const { return shelves_; }
  [[nodiscard]] const AllPermissions& permissions() const { return permissions_; }
  [[nodiscard]] const std::map<std::string, std::set<std::string>>& groups() const {
    return groups_;
  }

  // Each of these can be taken back until the next commit().
  void change(Change change);

  void commit() { journal_.clear(); }
  void roll_back() { (void)take_back(); }
  // Rolls back, and returns what was done, so that apply() can do it again.
  std::vector<Change> take_back();
  void clear();
  // Takes over all that `backup` holds.
  void restore(const Store& backup);
  std::uint64_t next_order() { return ++order_; }
  // Another one whenever an object changes, or all of them.
  [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
  // Another one whenever anything changes.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

 private:
  // Swaps what the slot holds with what `change` holds.
  void exchange(ObjectChange& change);
  void exchange(TimestampChange& change);
  void exchange(PermissionsChange& change);
  void exchange(GroupsChange& change);

  std::map<Place, Shelf> shelves_;
  AllPermissions permissions_;
  std::map<std::string, std::set<std::string>> groups_;
  std::vector<Change> journal_;
  std::uint64_t order_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace kinto_mirror::model
