#include "kinto/status.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

TEST_CASE("each status stands for one kind of failure") {
  const std::vector<std::pair<int, Errc>> rows{
      {200, Errc::not_kinto},    {304, Errc::not_kinto},   {307, Errc::not_kinto},
      {400, Errc::rejected},     {401, Errc::credentials}, {403, Errc::forbidden},
      {404, Errc::not_found},    {405, Errc::read_only},   {406, Errc::rejected},
      {408, Errc::failing},      {409, Errc::conflict},    {410, Errc::not_found},
      {412, Errc::precondition}, {413, Errc::too_large},   {414, Errc::too_large},
      {422, Errc::rejected},     {429, Errc::failing},     {431, Errc::too_large},
      {500, Errc::failing},      {503, Errc::failing},     {599, Errc::failing},
  };
  for (const auto& row : rows) {
    CAPTURE(row.first);
    CHECK(code_of_status(row.first) == row.second);
  }
}

}  // namespace kinto_mirror::kinto
