#pragma once
// GET, PUT, POST, PATCH and DELETE of one object.

#include "model/answers.hpp"
#include "model/context.hpp"
#include "model/preconditions.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::model {

http::Response get_object(Call& call, const Guards& guards, std::vector<Invalid> errors);
http::Response put_object(Call& call, const Guards& guards, std::vector<Invalid> errors);
http::Response patch_object(Call& call, const Guards& guards, std::vector<Invalid> errors);
http::Response delete_object(Call& call, const Guards& guards, std::vector<Invalid> errors);
// `id` is what the body names, or empty.
http::Response post_object(Call& call, const Guards& guards, const std::string& id,
                           std::vector<Invalid> errors);

// The id that a POST names in its body, or empty. Raises 400.
std::string id_in_body(const Call& call);
void raise_if_bad_id(const std::string& id);

}  // namespace kinto_mirror::model
