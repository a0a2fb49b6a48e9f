#pragma once
// Whether two JSON texts say the same.

#include <string_view>

namespace kinto_mirror::json {

// True when both are objects with the same members and values, but for the member `except`: however
// they are spelled, in any order, numbers by value. Kinto's backends spell them otherwise than they
// were given (1e22 becomes 10000000000000000000000 on PostgreSQL), and very large or small ones by
// one unit in the last place, which is no difference here.
bool same_object(std::string_view one, std::string_view other, std::string_view except);

}  // namespace kinto_mirror::json
