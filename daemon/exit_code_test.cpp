#include "daemon/exit_code.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace kinto_mirror::daemon {

TEST_CASE("each failure has its exit code") {
  const std::vector<std::pair<Errc, int>> rows{
      {Errc::unreachable, 69}, {Errc::not_kinto, 69}, {Errc::failing, 69},  {Errc::credentials, 77},
      {Errc::forbidden, 77},   {Errc::read_only, 77}, {Errc::not_found, 1}, {Errc::conflict, 1},
      {Errc::precondition, 1}, {Errc::too_large, 1},  {Errc::rejected, 1},  {Errc::stopped, 1},
      {Errc::untrusted, 69},   {Errc::busy, 69},      {Errc::config, 78},   {Errc::usage, 64},
      {Errc::internal, 70},
  };
  for (const auto& [code, exit] : rows) CHECK(to_int(exit_code_of(code)) == exit);
}

}  // namespace kinto_mirror::daemon
