#include "daemon/version.hpp"

#include "daemon/test_inputs.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

namespace kinto_mirror::daemon {

TEST_CASE("the version at length names the commit, the compiler and every library by numbers") {
  const boost::json::value told = boost::json::parse(version_json());
  CHECK(told.at("version").as_string() == boost::json::string_view(program_version()));
  CHECK(told.at("commit").is_string());
  CHECK(!told.at("compiler").as_string().empty());
  CHECK(told.at("libraries").as_object().size() >= 8);
  for (const auto& [library, version] : told.at("libraries").as_object()) {
    CAPTURE(std::string(library));
    const std::string text(version.as_string());
    CHECK(std::ranges::count(text, '.') >= 1);
    CHECK(text.find_first_not_of("0123456789.") == std::string::npos);
  }
}

TEST_CASE("--json belongs to --version too") {
  const CommandLine line = parse_command_line({"--version", "--json"});
  CHECK(line.version);
  CHECK(line.config.json);
  CHECK(!parse_command_line({"--version"}).config.json);
}

}  // namespace kinto_mirror::daemon
