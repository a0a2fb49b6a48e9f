#pragma once
// Records that the replica refuses, and when each is tried again. Pure.

#include "base/clock.hpp"
#include "sync/decide/report.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace kinto_mirror::sync {

class Quarantine {
 public:
  // Beyond it records are only counted; the next audit finds them again.
  static constexpr std::size_t max_held = 1000;

  // The replica refused it (again): the next try comes later each time, from a minute to an hour.
  void refused(Refusal refusal, Instant now);

  // The record is on the replica now, or gone from the master.
  void settled(const std::string& id) { held_.erase(id); }

  // An audit has tried every record of the collection: what it refused is all there is.
  void replace(std::vector<Refusal> refusals, Instant now);

  // True when this very version is set aside: no need to try it before its time.
  [[nodiscard]] bool holds(const std::string& id, Stamp stamp) const;
  // True when some version of it is.
  [[nodiscard]] bool holds(const std::string& id) const { return held_.contains(id); }

  [[nodiscard]] bool any_due(Instant now) const;

  // Ids whose time has come.
  [[nodiscard]] std::vector<std::string> due(Instant now) const;

  struct Held {
    Refusal refusal;
    int tries = 0;
    Instant since;  // some version of the record was refused first
    Instant next;
  };
  // By id.
  [[nodiscard]] std::vector<Held> all() const;

  // The first `most` ids, in their order.
  [[nodiscard]] std::vector<std::string> ids(std::size_t most) const;

  [[nodiscard]] std::size_t size() const noexcept { return held_.size(); }

  // How many of them the replica has no version of; nothing where more were refused than are held.
  [[nodiscard]] std::optional<std::int64_t> lacking() const;

 private:
  std::unordered_map<std::string, Held> held_;
};

}  // namespace kinto_mirror::sync
