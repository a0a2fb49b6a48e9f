#pragma once
// Whether the daemon that answers at a port is the one that a configuration means: another one may
// have the port. Pure.

#include "daemon/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

// The servers that a daemon tells, by their URLs.
struct Told {
  std::string master;  // empty: it did not tell
  std::vector<std::string> replicas;
};

// Read from `/status` or `/__heartbeat__`; nothing where the text is neither.
std::optional<Told> told_servers(std::string_view body);

// "the daemon at 127.0.0.1:8000 copies ... to ..., and the configuration says ...", where they
// differ. A server that the configuration does not give is not compared.
std::optional<std::string> other_servers(const Config& config, const std::string& address,
                                         const Told& told);

}  // namespace kinto_mirror::daemon
