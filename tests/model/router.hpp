#pragma once
// From a request to the handler of its endpoint.

#include "model/context.hpp"

namespace kinto_mirror::model {

// One request, or one of a batch's. Raises what Kinto raises: an answer that is no success.
http::Response dispatch(Server& server, Unit& unit, const http::Request& request);

// The path without the version, and the query. `path` is empty outside of the version.
struct SplitTarget {
  std::string path;
  std::string query;
};
SplitTarget split_target(const std::string& target);

}  // namespace kinto_mirror::model
