# Run at each build: writes the commit of SOURCE into the header OUT, if it is another one than OUT says. Where there is no
# repository, as in an archive of the sources, it is empty.
set(commit "")
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[
#pragma once

#include <string_view>

namespace kinto_mirror::daemon {

constexpr std::string_view built_from = "@commit@";

}  // namespace kinto_mirror::daemon
]])
