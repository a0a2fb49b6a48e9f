#pragma once
// The self-test that ships in the binary: scenarios that run the daemon's own engine against the
// configured servers, each in a throwaway bucket.

#include "base/error.hpp"
#include "http/url.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

struct Endpoint {
  std::string name;  // "master", "replica": how messages call it
  http::ServerUrl url;
  std::string authorization;  // value of the Authorization header; empty without credentials
  std::string ca_file;        // PEM; empty: the system's store
};

struct Settings {
  Endpoint master;
  std::vector<Endpoint> replicas;     // tested one after the other
  Endpoint replica;                   // the one under test, which run() sets
  std::optional<std::uint64_t> seed;  // absent: a random one
  std::int64_t records = 0;           // 0: each scenario's own default
  std::string filter;                 // glob over scenario names; empty: all
  bool list = false;                  // print the names and do nothing else
  std::string junit;                  // path of a JUnit report; empty: none
  std::string user_agent;
};

struct Summary {
  int passed = 0;
  int failed = 0;
  // Not run to the end: interrupted, a server was lost (which fails another one), or, where neither
  // is so, a right is missing.
  int skipped = 0;
  bool interrupted = false;  // by SIGINT or SIGTERM
};

// Checks what the scenarios depend on, each in one line on `out`, for all replicas; then runs them
// against each. An error means that none was run and nothing was written: usage (no scenario
// matches, the JUnit file cannot be written), unreachable, not_kinto, failing, credentials,
// forbidden, read_only, config.
//
// Handles SIGINT and SIGTERM while it runs: the first ends the scenario, removes what it made and
// reports; the second ends the process at once. REQUIRES: nobody else handles them meanwhile.
Result<Summary> run(const Settings& settings, std::ostream& out);

std::vector<std::string> scenario_names();

}  // namespace kinto_mirror::selftest
