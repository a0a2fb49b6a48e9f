#pragma once
// What a server says of itself, and __flush__.

#include "model/context.hpp"

#include <optional>
#include <string_view>

namespace kinto_mirror::model {

// The answer, if `path` is one of these endpoints.
std::optional<http::Response> answer_about_server(Server& server, const http::Request& request,
                                                  std::string_view path);

}  // namespace kinto_mirror::model
