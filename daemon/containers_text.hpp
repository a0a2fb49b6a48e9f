#pragma once
// What is told of buckets, groups and collections, in words and as JSON: the same in reports, on
// the status pages and in the log.

#include "sync/decide/containers_report.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// "3 same, nothing written", "3 same, 1 created, 0 updated, 2 deleted"
std::string counts_text(const sync::ContainersReport& containers);

// "b/collections/c data: the schema is another one"
std::string difference_text(const sync::ContainerDifference& difference);

// Makes a server's own words fit for where they are written.
using Words = std::function<std::string(std::string_view)>;

// {"same": 3, "created": 0, ..., "differences": [{"id": ..., "kind": ..., "reason": ...}], "state":
// "different"}, and "error" where they were not compared.
boost::json::object containers_json(const sync::ContainersReport& containers, const Words& words);

}  // namespace kinto_mirror::daemon
