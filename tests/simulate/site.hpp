#pragma once
// One Kinto of the simulated world: the model, with a clock of its own, and an administrator.

#include "model/kinto.hpp"
#include "timeline.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::simulate {

// A record or tombstone as a server holds it.
struct Held {
  model::Epoch stamp = 0;
  bool deleted = false;
  std::size_t body = 0;  // a hash
};
using Contents = std::map<std::string, Held>;  // by id

class Site {
 public:
  Site(std::string name, model::Options options, const Timeline& timeline, Millis wrong_by);
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool on_memory() const {
    return kinto_.options().profile == model::Profile::memory;
  }
  [[nodiscard]] model::Epoch now() const;
  void jump(Millis by) { wrong_by_ += by; }

  [[nodiscard]] std::int64_t max_batch() const noexcept { return max_batch_; }
  model::Kinto& kinto() noexcept { return kinto_; }
  [[nodiscard]] const model::Store& store() const { return kinto_.store(); }

  // A request of the administrator, who may do everything.
  http::Response admin(std::string method, const std::string& path, std::string body = {});
  static http::Request admins(std::string method, const std::string& path, std::string body = {});
  // A request of the daemon's user.
  static std::string daemons_authorization(std::string_view site);
  [[nodiscard]] const std::string& daemons_authorization() const { return authorization_; }
  // How Kinto calls the daemon's user.
  [[nodiscard]] const std::string& daemons_principal();

  // Makes bucket and collection where they are missing; the daemon's user may `right` the bucket.
  void provide(const CollectionId& id, const std::string& right);

  // Nothing where the server has no such collection (any more).
  [[nodiscard]] const model::Shelf* shelf(const CollectionId& id) const;
  [[nodiscard]] bool shows(const CollectionId& id) const;
  // Tells the collection from one of the same id that was deleted; 0: there is none.
  [[nodiscard]] std::uint64_t made(const CollectionId& id) const;
  [[nodiscard]] Contents contents(const CollectionId& id) const;
  // The stamp of the newest tombstone of the collection of which its bucket's history tells.
  [[nodiscard]] std::optional<model::Epoch> deleted_by_history(const CollectionId& id) const;

 private:
  std::string name_;
  std::string authorization_ = daemons_authorization(name_);
  std::string principal_;  // once somebody has asked for it
  const Timeline& timeline_;
  Millis wrong_by_;
  std::int64_t max_batch_;
  model::Kinto kinto_;
};

std::size_t hash_of(const boost::json::object& body);
std::size_t hash_of(const model::Object& object);
std::string path_of(const CollectionId& id);
std::string records_of(const CollectionId& id);

}  // namespace kinto_mirror::simulate
