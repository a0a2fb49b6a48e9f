#pragma once
// How many ids fit into the address of one request. Pure.

#include <deque>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What common proxies let through in an address (8 KiB, half of it left for its other parts).
inline constexpr std::size_t max_query_bytes = 4000;

// In the same order, each chunk short enough for one address; a longer id goes alone, and so does
// one with a comma, which no list can carry (hazard 63: "paris,texas").
std::deque<std::vector<std::string>> into_id_chunks(std::vector<std::string> ids);

}  // namespace kinto_mirror::sync
