#pragma once
// What an HTTP status means, for whole answers and for the parts of a batch alike. Pure.

#include "base/error.hpp"

namespace kinto_mirror::kinto {

// The kind of failure that `status` stands for. A status below 400 is none of Kinto's failures:
// where it is not welcome, as redirects never are, it is Errc::not_kinto.
Errc code_of_status(int status) noexcept;

// One of those by which what stands in front of a server refuses a request as well.
bool may_be_turned_away(int status) noexcept;

}  // namespace kinto_mirror::kinto
