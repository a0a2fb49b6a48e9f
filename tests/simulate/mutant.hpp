#pragma once
// Switches that break the daemon in one place each, to see that the simulator finds out. The places
// are in mutants.py, which writes them into copies of the sources: what is shipped has none.

#include <cstdint>
#include <string_view>

namespace kinto_mirror {

// Whether the daemon is to be broken so.
bool mutated(std::string_view name) noexcept;

namespace simulate {

// The world of this seed begins in this thread: a requirement that is broken in it names it.
void begins(std::uint64_t seed) noexcept;

// "" for none. Before any thread runs.
void break_daemon(std::string_view name) noexcept;

}  // namespace simulate

}  // namespace kinto_mirror
