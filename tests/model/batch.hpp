#pragma once
// POST /batch.

#include "model/context.hpp"

namespace kinto_mirror::model {

// Raises 400, and 5xx when one of its requests does, or is not modified.
http::Response run_batch(Server& server, Unit& unit, const http::Request& request);

}  // namespace kinto_mirror::model
