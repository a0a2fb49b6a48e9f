#pragma once
// The last net: what must never be printed is cut out of every line. The first one is that nobody
// puts it there.

#include "daemon/event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

class SecretGuard {
 public:
  // Texts of fewer than four characters are not looked for: they would hide half of every line. A
  // short word or number is cut out only where it stands alone, with neither letter nor digit
  // beside it: "test" must not hide a part of "latest". Everything else is cut out wherever it is.
  void add(std::vector<std::string> secrets);

  [[nodiscard]] std::string clean(std::string_view text) const;

  // The message and all fields that are strings.
  void clean(Event& event) const;

 private:
  std::vector<std::string> secrets_;  // the longest first: one may hold another
};

}  // namespace kinto_mirror::daemon
