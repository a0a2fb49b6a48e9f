#include "daemon/version.hpp"

#include "commit.hpp"
#include "daemon/status/version_json.hpp"

#include <CLI/Version.hpp>
#include <boost/json.hpp>
#include <boost/version.hpp>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <spdlog/version.h>
#include <toml++/toml.h>

#include <yaml.h>
#include <zlib.h>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

// "1.81.0" of 108100, where minor and patch have `unit` numbers each.
std::string dotted(int number, int unit_of_minor, int unit_of_patch) {
  return fmt::format("{}.{}.{}", number / (unit_of_minor * unit_of_patch),
                     number / unit_of_patch % unit_of_minor, number % unit_of_patch);
}

json::object libraries() {
  json::object out;
  out["boost"] = dotted(BOOST_VERSION, 1000, 100);
  out["openssl"] = OpenSSL_version(OPENSSL_VERSION_STRING);
  out["zlib"] = zlibVersion();
  out["libyaml"] = yaml_get_version_string();
  out["fmt"] = dotted(FMT_VERSION, 100, 100);
  out["spdlog"] = fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
  out["CLI11"] = CLI11_VERSION;
  out["toml++"] = fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH);
  out["prometheus-cpp"] = KINTO_MIRROR_PROMETHEUS;
  out["doctest"] = KINTO_MIRROR_DOCTEST;
  out["utfcpp"] = KINTO_MIRROR_UTFCPP;
  return out;
}

}  // namespace

std::string program_version() {
  return KINTO_MIRROR_VERSION;
}

std::string program_commit() {
  const std::string own(built_from);
  const std::string told = build_info(version_files(), program_version(), own).commit;
  return told.empty() ? own : told;
}

std::string version_json() {
  json::object out;
  out["version"] = program_version();
  out["commit"] = program_commit();
  out["compiler"] = KINTO_MIRROR_COMPILER;
  out["libraries"] = libraries();
  return json::serialize(out) + "\n";
}

}  // namespace kinto_mirror::daemon
