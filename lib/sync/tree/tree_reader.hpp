#pragma once
// What one server shows of its containers.

#include "base/task_group.hpp"
#include "kinto/server.hpp"
#include "sync/tree/container.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What is to be read.
struct TreeWish {
  std::set<std::string> buckets;
  // Of these the objects are asked for where the bucket's list is refused.
  std::set<CollectionId> named;
  // Buckets whose lists will be refused, as it seems: both are asked for at once.
  std::set<std::string> unlisted;
  bool groups = false;
  bool objects_only = false;           // the buckets themselves, and nothing that is in them
  std::set<ContainerKind> with_lists;  // kinds whose permission lists are wanted
};

struct Tree {
  // Of the buckets that were wished for, alive; of what is in them, deleted as well.
  Containers containers;
  std::set<ContainerId> forbidden;       // asked for, and 403: they may be there, or not
  std::set<std::string> no_collections;  // buckets whose collections may not be listed
  std::set<std::string> no_groups;       // likewise
  std::map<std::string, Error> failed;   // buckets of which something could not be read

  [[nodiscard]] const Container* find(const ContainerId& id) const;
  // The same, where it is alive.
  [[nodiscard]] const Container* alive(const ContainerId& id) const;
};

// Lists are read to their ends, and held against the server's own counts: where a list is shorter,
// that bucket is among `failed`. Errors: of the server as a whole. `background` outlives the call.
ResultTask<Tree> read_tree(kinto::Server& server, TaskGroup& background, TreeWish wish);

// The buckets that this user may see; none where the list is refused. Tombstones are among them
// only where he may read all buckets (`kinto.bucket_read_principals`).
ResultTask<Containers> read_bucket_list(kinto::Server& server, TaskGroup& background);

// One object, as it is now; nothing where there is none (404), or it is not shown (403).
ResultTask<std::optional<Container>> read_container(kinto::Server& server, ContainerId id);

}  // namespace kinto_mirror::sync
