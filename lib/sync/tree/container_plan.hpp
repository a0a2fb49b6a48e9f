#pragma once
// What must be written to the replica for one container of the master. Pure.

#include "sync/decide/containers_report.hpp"
#include "sync/decide/options.hpp"
#include "sync/tree/container.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

struct ContainerSettings {
  Metadata metadata = Metadata::follow;
  ListSettings lists;  // `readers` are meant for collections alone

  // As the options say, of a replica that knows its daemon as `own_user`. The options outlive it.
  static ContainerSettings of(const Options& options, std::string own_user);

  // Whether the lists of such a container must be known: only the object itself shows them.
  [[nodiscard]] bool needs_lists(ContainerKind kind) const noexcept;
};

// How a container is put on the replica, whole: a PUT of `data` and `lists` under a guard.
struct ContainerWrite {
  std::string data;            // JSON, with the stamp to store
  std::optional<Lists> lists;  // nothing: they stay, or are the server's own at a creation
};

struct ContainerPlan {
  std::optional<ContainerWrite> write;  // nothing: it is as it should be, or as good as it can be
  bool creates = false;                 // the write does, under If-None-Match: *
  // Only the stamp is not the master's yet: no difference, and no failure where it is refused.
  bool only_stamp = false;
  bool waits = false;  // rights are granted behind the load
  // The replica is ahead of what was read of the master: to be looked at again before it is written
  // over, since another daemon may have brought what the master wrote meanwhile (hazard 42).
  bool ahead = false;
  std::vector<ContainerDifference::Kind> differences;  // as it stands before the write
  std::string lists_differ;  // of Kind::permissions: "read: lacks system.Everyone", for people
};

// REQUIRES: the master's is alive. `replica`: nothing where it has no such container, or only a
// tombstone. `may_grant`: the records in it are there, so that whoever is let in misses nothing.
//
// Example: the master's collection stands at 1000 and everybody may read it; the replica has none.
// Without leave to grant it is created at 999 with no lists of the master's; with leave, later, one
// PUT adds the list and lifts the stamp to 1000 (Kinto keeps only stamps that are higher).
ContainerPlan plan_container(const ContainerId& id, const Container& master,
                             const std::optional<Container>& replica,
                             const ContainerSettings& settings, bool may_grant);

// The data that the replica should have: the master's, the members of a group by the names that
// they have on the replica. (A group that was made without members has no such member, and its copy
// has an empty list.)
std::string wanted_data(const ContainerId& id, const Container& master,
                        const std::map<std::string, std::string>* principals);

}  // namespace kinto_mirror::sync
