#pragma once
// If-Match and If-None-Match.

#include "model/answers.hpp"
#include "model/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::model {

struct Guards {
  bool if_none_match_any = false;
  bool if_match_any = false;
  Epoch if_match = 0;  // 0 is no guard at all, as in Kinto
  Epoch if_none_match = 0;
};

// What is wrong with the headers goes to `errors`.
Guards read_guards(const http::Headers& headers, std::vector<Invalid>& errors);

// Raises 304. `etag` is that of the object or the list.
void raise_if_not_modified(const Guards& guards, Epoch etag);

// Raises 412. `id` and `object` are those of the object that exists; on a list, which always
// exists, and for an object that does not, it is the collection's timestamp that counts.
void raise_if_modified(const Guards& guards, Server& server, const Place& place, bool exists,
                       const std::string& id, const Object* object);

}  // namespace kinto_mirror::model
