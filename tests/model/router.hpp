#pragma once
// From a request to the handler of its endpoint.

#include "model/context.hpp"

#include <string_view>

namespace kinto_mirror::model {

// One request, or one of a batch's. Raises what Kinto raises: an answer that is no success.
// A batch has parsed the `body` of its request already, whose own is empty.
http::Response dispatch(Server& server, Unit& unit, const http::Request& request,
                        const json::value* body = nullptr);

// The path without the version, and the query. `path` is empty outside of the version.
struct SplitTarget {
  std::string_view path;
  std::string_view query;
};
SplitTarget split_target(std::string_view target);

}  // namespace kinto_mirror::model
