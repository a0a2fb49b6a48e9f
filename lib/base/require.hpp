#pragma once
// What a function REQUIRES of its callers, checked where the program is tested: in the presets
// `dev` and `asan`, and so in the simulator. Elsewhere it costs nothing. A broken requirement is a
// fault of ours, never of a server or of an operator: the program says where it is, and aborts.

namespace kinto_mirror {

[[noreturn]] void requirement_broken(const char* what, const char* file, int line);

}  // namespace kinto_mirror

// A macro, since it quotes the condition and its place. `condition` has no side effects.
#ifdef KINTO_MIRROR_CHECKED
#define KINTO_MIRROR_REQUIRE(condition) \
  (static_cast<bool>(condition)         \
       ? static_cast<void>(0)           \
       : ::kinto_mirror::requirement_broken(#condition, __FILE__, __LINE__))
#else
#define KINTO_MIRROR_REQUIRE(condition) static_cast<void>(0)
#endif
