#pragma once
// Asks one server about single records by their ids.

#include "base/task.hpp"
#include "kinto/server.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace kinto_mirror::sync {

struct Found {
  Stamp stamp;
  bool tombstone = false;
  std::string record;  // bytes of a live one, where bodies were asked for
};

enum class With { stamps, bodies };

// What an answer may be worth that shows that it was stored on its way (hazard 53).
enum class Word {
  any,     // stamps are compared with what is known, so that an old one does no harm
  of_now,  // something is overwritten or deleted on the strength of it: Errc::unproven for any
           // other
};

// Records and tombstones that the server has under these ids; an absent id is one it knows nothing
// of. Several requests where the ids do not fit into one address (4 KiB).
ResultTask<std::unordered_map<std::string, Found>> look_up(kinto::Server& server,
                                                           CollectionId collection,
                                                           std::vector<std::string> ids, With with,
                                                           Word word = Word::any);

}  // namespace kinto_mirror::sync
