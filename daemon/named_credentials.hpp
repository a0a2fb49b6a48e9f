#pragma once
// Credentials that belong to a server by its name: from variables such as
// KINTO_MIRROR_REPLICA_PARIS_AUTH, and from the folder in which systemd puts them.

#include "daemon/env_source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// "KINTO_MIRROR_REPLICA_PARIS_1_AUTH" for the replica "paris-1": letters in upper case, and '_' for
// all that is neither letter nor digit.
std::string auth_variable(std::string_view replica);

// Whether a variable's name is of this kind, or of its twin that ends in _FILE.
bool is_auth_variable(std::string_view variable);

// What the variables hold for these replicas, in their order; RawValue::replica tells whose it is.
// Two replicas that share a variable, one that is set besides KINTO_MIRROR_REPLICA_AUTH, and both
// of a pair of twins are errors.
Source read_named_auth(const Environment& environment, const std::vector<std::string>& replicas);

// The path of the credentials that systemd hands over for a server of this name
// ($CREDENTIALS_DIRECTORY/auth_NAME); empty where there are none.
std::string handed_over(const Environment& environment, const std::string& server);

}  // namespace kinto_mirror::daemon
