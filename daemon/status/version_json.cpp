#include "daemon/status/version_json.hpp"

#include "daemon/files.hpp"
#include "daemon/text.hpp"

#include <boost/json.hpp>

#include <filesystem>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

}  // namespace

BuildInfo build_info(const std::vector<std::string>& files, const std::string& version,
                     const std::string& commit) {
  for (const std::string& file : files) {
    const auto text = read_file(file);
    if (!text) continue;
    boost::system::error_code error;
    const json::value value = json::parse(*text, error);
    if (error || !value.is_object()) continue;
    return {json::serialize(value) + "\n", text_of(value.get_object(), "commit")};
  }
  json::object own;
  own["source"] = "";
  own["version"] = version;
  own["commit"] = commit;
  own["build"] = "";
  return {json::serialize(own) + "\n", commit};
}

std::vector<std::string> version_files() {
  return {"/app/version.json", "version.json"};
}

}  // namespace kinto_mirror::daemon
