#pragma once
// Who a request is from, and what it may do.

#include "model/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::model {

// Sets the call's user and principals, from its Authorization header and the groups.
void identify(Call& call);

// Raises 401 or 403. `existing`: the object that a write is about. Returns the ids to which a list
// is restricted, or nothing if the caller may see all.
std::optional<std::vector<std::string>> authorize(const Call& call, const std::string& id,
                                                  bool existing);

// As the caller may see them: nothing unless he may write.
json::object visible_permissions(const Call& call, const std::string& uri);

// Replaces those that are named, and lets the caller write.
void grant(Call& call, const std::string& uri, const json::object& permissions);

// `pattern` may end in *.
void forget_permissions(Server& server, const std::string& pattern);

// The groups of who joined or left.
void note_members(Server& server, const Event& event);

}  // namespace kinto_mirror::model
