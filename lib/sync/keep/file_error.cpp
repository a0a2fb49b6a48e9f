#include "sync/keep/file_error.hpp"

#include <system_error>

namespace kinto_mirror::sync {

Error file_error(const std::string& path, std::string_view what, int code) {
  return {Errc::config, "checkpoint file " + path + ": " + std::string(what) + ": " +
                            std::generic_category().message(code) +
                            "; free space, or give another file with --checkpoint: until it can be "
                            "kept, everything is compared again and again"};
}

}  // namespace kinto_mirror::sync
