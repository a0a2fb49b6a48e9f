#pragma once
// The page for people at `/`: one file, which asks `/status` and `/history` by itself.

#include "daemon/status/http_server.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// As the build found them in daemon/status/page/.
struct PageParts {
  std::string_view html;  // with a mark where style and script belong
  std::string_view style;
  std::string_view script;
};
extern const PageParts people_parts;

// With a Content-Security-Policy that lets this very script and style work, and nothing else.
Page people_page(const PageParts& parts = people_parts);

}  // namespace kinto_mirror::daemon
