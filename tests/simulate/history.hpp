#pragma once
// What the master has held, version by version, and when each collection last changed.

#include "container_history.hpp"
#include "site.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::simulate {

struct Version {
  model::Epoch stamp = 0;
  bool deleted = false;
  bool gone = false;     // neither record nor tombstone: purged, flushed or restored away
  std::size_t body = 0;  // a hash
  Instant since{};
};

class History {
 public:
  // Notes what differs from the last look. `shelf` may be null.
  void look(const CollectionId& collection, const model::Shelf* shelf, Instant when);
  void look(const model::Store& store, Instant when) { containers_.look(store, when); }
  [[nodiscard]] const ContainerHistory& containers() const noexcept { return containers_; }

  // Versions of records, one for each time that one was made, changed or deleted: a request may
  // write many.
  [[nodiscard]] std::int64_t changes() const noexcept;

  // Whether at some time from `since` on the master had its tombstone.
  [[nodiscard]] bool was_deleted(const CollectionId& collection, const std::string& id,
                                 Instant since) const;
  // Whether at some time from `since` on the master had no such record.
  [[nodiscard]] bool was_absent(const CollectionId& collection, const std::string& id,
                                Instant since) const;
  // When the record first had this stamp.
  [[nodiscard]] std::optional<Instant> first_had(const CollectionId& collection,
                                                 const std::string& id, model::Epoch stamp) const;
  // The master has shown no record since then.
  [[nodiscard]] std::optional<Instant> empty_since(const CollectionId& collection) const;
  [[nodiscard]] Instant changed(const CollectionId& collection) const;
  [[nodiscard]] Instant changed(const CollectionId& collection, const std::string& id) const;

  // It came, at some time, with a stamp below an ETag that its collection had had: no reader with
  // `_since` can see that.
  [[nodiscard]] bool came_late(const CollectionId& collection, const std::string& id) const;

  // Somebody gave the replica's record a stamp of his own.
  void note_foreign(const CollectionId& collection, const std::string& id, model::Epoch stamp);

  // The record had this stamp with two bodies: nobody who compares stamps can tell them apart.
  [[nodiscard]] bool is_ambiguous(const CollectionId& collection, const std::string& id,
                                  model::Epoch stamp) const;
  // Where stamps run ahead of the clocks, both servers hand out the ones next to them.
  void stamps_run_ahead() noexcept { ahead_ = true; }

  // The record had this body at a stamp a little older, so that a replica that holds each stamp
  // once may have had to place it at `stamp`, where nothing tells it from the version of that
  // stamp. Where stamps run ahead, one of the replica's own may meet it, too.
  [[nodiscard]] bool may_be_placed(const CollectionId& collection, const std::string& id,
                                   model::Epoch stamp, const boost::json::object& body) const;
  [[nodiscard]] bool had(const CollectionId& collection, const std::string& id,
                         model::Epoch stamp) const;

  // True where `after` is a version that the master had before it had `before`, and never again,
  // nor at any time from `recently` on.
  [[nodiscard]] bool goes_back(const CollectionId& collection, const std::string& id, Held before,
                               Held after, Instant recently) const;

 private:
  struct Kept {
    std::map<std::string, std::vector<Version>> versions;
    Instant changed{};
    std::optional<std::uint64_t> revision;  // of the shelf, when it was last looked at
    std::optional<Instant> empty_since;
    std::set<std::pair<std::string, model::Epoch>> foreign;
    model::Epoch newest = 0;  // ETag or stamp, at any time
    std::set<std::string> late;
  };
  [[nodiscard]] const std::vector<Version>* versions(const CollectionId& collection,
                                                     const std::string& id) const;
  std::map<CollectionId, Kept> collections_;
  ContainerHistory containers_;
  bool ahead_ = false;
};

}  // namespace kinto_mirror::simulate
