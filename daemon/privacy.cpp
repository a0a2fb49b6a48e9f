#include "daemon/privacy.hpp"

#include "daemon/settings.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <sys/resource.h>

namespace kinto_mirror::daemon {

namespace {

bool is_secret(std::string_view flag) noexcept {
  return std::ranges::any_of(settings(), [flag](const Setting& one) {
    return one.secret && !one.flag.empty() && one.flag == flag;
  });
}

void blank(char* text) noexcept {
  std::memset(text, '*', std::strlen(text));
}

}  // namespace

void write_no_cores() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = 0;
  ::setrlimit(RLIMIT_CORE, &limit);
}

void blank_secrets(std::span<char*> args) noexcept {
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string_view arg(args[i]);
    const std::size_t equals = arg.find('=');
    const bool whole = equals == std::string_view::npos;
    if (!is_secret(whole ? arg : arg.substr(0, equals))) continue;
    if (!whole) {
      blank(args[i] + equals + 1);
    } else if (i + 1 < args.size()) {
      blank(args[++i]);
    }
  }
}

}  // namespace kinto_mirror::daemon
