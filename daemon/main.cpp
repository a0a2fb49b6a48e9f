#include "daemon/commands.hpp"
#include "daemon/dump_commands.hpp"
#include "daemon/entry.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/privacy.hpp"
#include "daemon/signals.hpp"

#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <span>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

// Else the next socket or file would become stdout. What is written there fails, as it should.
void hold_standard_streams() {
  int descriptor = ::open("/dev/null", O_RDONLY);
  while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDONLY);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kinto_mirror::daemon;
  hold_standard_streams();
  ignore_broken_pipes();
  write_no_cores();
  try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    blank_secrets(std::span(argv + 1, argv + argc));
    const Outside outside{process_environment, ::isatty(STDERR_FILENO) == 1, std::cout, std::cerr,
                          process_variables()};
    const Commands commands{run, check, selftest, dump, restore, status, healthcheck, order};
    const int code = enter(args, outside, commands);
    // A report that nobody got is no success.
    if (!std::cout.flush()) {
      std::fputs("kinto-mirror: cannot write to stdout\n", stderr);
      return to_int(ExitCode::internal);
    }
    return code;
  } catch (const std::exception& error) {
    // Expected failures are values: this is a bug, or no memory left.
    std::fprintf(stderr, "kinto-mirror: internal error: %s\n", error.what());
    return to_int(ExitCode::internal);
  }
}
