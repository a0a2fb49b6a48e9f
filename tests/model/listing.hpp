#pragma once
// GET, HEAD and DELETE of a plural endpoint.

#include "model/context.hpp"
#include "model/preconditions.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::model {

using Ids = std::optional<std::vector<std::string>>;  // nothing: all of them

http::Response list_objects(Call& call, const Guards& guards, const Ids& shared,
                            std::vector<Invalid> errors);
http::Response delete_objects(Call& call, const Guards& guards, const Ids& shared,
                              std::vector<Invalid> errors);

}  // namespace kinto_mirror::model
