#pragma once
// What one source (flags, environment, file) holds, before anything is judged.

#include "base/error.hpp"
#include "daemon/settings.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

struct RawValue {
  const Setting* setting = nullptr;
  std::string text;
  Origin origin;
  std::string where;             // begins an error: "--interval", "mirror.toml:3: [sync] interval"
  std::size_t replica = 0;       // which [[replica]] of the file
  std::string secret_file = {};  // from which the text was read, for a secret
  std::string entry = {};        // the key in a table of the user's own keys
};

struct Source {
  std::vector<RawValue> values;
  std::vector<Error> errors;
  std::size_t replicas = 0;  // [[replica]] tables of a file
};

// A secret from the file that a twin names, without a byte order mark before it and line ends
// behind it. Errors: Errc::credentials, so that who needs none can pass over them.
Result<std::string> read_secret(const std::string& path);

}  // namespace kinto_mirror::daemon
