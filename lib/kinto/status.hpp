#pragma once
// What an HTTP status means, for whole answers and for the parts of a batch alike. Pure.

#include "base/error.hpp"

namespace kinto_mirror::kinto {

inline constexpr int not_modified = 304;
inline constexpr int unauthorized = 401;
inline constexpr int forbidden = 403;

// The kind of failure that `status` stands for. A status below 400 is none of Kinto's failures:
// where it is not welcome, as redirects never are, it is Errc::not_kinto.
Errc code_of_status(int status) noexcept;

// One of those by which what stands in front of a server refuses a request as well.
bool may_be_turned_away(int status) noexcept;

// A batch of reads failed so because it was one, and may be asked for in parts: it was refused as a
// whole, as a read-only node does (405), or something in front of one (403, 404, another 4xx), or
// for a body of that size (413). And bad credentials are to be seen by whoever looks at the
// statuses of answers.
bool may_be_asked_plainly(Errc code) noexcept;

}  // namespace kinto_mirror::kinto
