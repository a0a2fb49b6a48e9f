#include "daemon/commands.hpp"

#include "daemon/exit_code.hpp"

#include <cstdio>

namespace kinto_mirror::daemon {

namespace {

int not_built(const char* command) {
  std::fprintf(stderr, "kinto-mirror: %s is not built yet\n", command);
  return to_int(ExitCode::internal);
}

}  // namespace

int run(const Config& /*config*/) {
  return not_built("run");
}
int check(const Config& /*config*/) {
  return not_built("check");
}
int selftest(const Config& /*config*/) {
  return not_built("selftest");
}

}  // namespace kinto_mirror::daemon
