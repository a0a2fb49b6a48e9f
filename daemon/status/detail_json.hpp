#pragma once
// All that is known of one collection, for `/status?collection=b/c`.

#include "daemon/status/snapshot.hpp"

#include <boost/json/object.hpp>

namespace kinto_mirror::daemon {

// Adds it to what `/status` says of the collection. `snapshot` gives the time.
void tell_detail(boost::json::object& collection, const CollectionDetail& detail,
                 const Snapshot& snapshot);

}  // namespace kinto_mirror::daemon
