#include "daemon/status/same_servers.hpp"

#include "daemon/text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

std::string url_of(const json::value* server) {
  const json::value* url =
      server != nullptr && server->is_object() ? server->get_object().if_contains("url") : nullptr;
  return url != nullptr && url->is_string() ? std::string(url->get_string()) : std::string();
}

// `/__heartbeat__`: by name, the master under its own.
Told told_by_heartbeat(const json::object& details) {
  Told told;
  for (const auto& [name, detail] : details) {
    if (name == "master") {
      told.master = url_of(&detail);
    } else {
      told.replicas.push_back(url_of(&detail));
    }
  }
  return told;
}

std::string listed(const std::vector<std::string>& urls) {
  std::string text;
  for (const std::string& url : urls) text += (text.empty() ? "" : ", ") + printable(url);
  return text;
}

}  // namespace

std::optional<Told> told_servers(std::string_view body) {
  boost::system::error_code error;
  const json::value page = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !page.is_object()) return std::nullopt;
  const json::object& root = page.get_object();
  if (const json::value* details = root.if_contains("details")) {
    if (!details->is_object()) return std::nullopt;
    return told_by_heartbeat(details->get_object());
  }
  const json::value* replicas = root.if_contains("replicas");
  if (replicas == nullptr || !replicas->is_array()) return std::nullopt;
  Told told;
  told.master = url_of(root.if_contains("master"));
  for (const json::value& replica : replicas->get_array()) {
    told.replicas.push_back(url_of(&replica));
  }
  return told;
}

std::optional<std::string> other_servers(const Config& config, const std::string& address,
                                         const Told& told) {
  const std::string master = config.master.has_url() ? config.master.url.str() : "";
  std::vector<std::string> replicas;
  for (const Server& replica : config.replicas) {
    if (replica.has_url()) replicas.push_back(replica.url.str());
  }
  std::vector<std::string> others = told.replicas;
  std::ranges::sort(replicas);
  std::ranges::sort(others);
  const bool same_master = master.empty() || told.master.empty() || master == told.master;
  const bool same_replicas = replicas.empty() || others.empty() || replicas == others;
  if (same_master && same_replicas) return std::nullopt;
  const std::string wanted = same_master     ? listed(replicas)
                             : same_replicas ? printable(master)
                                             : printable(master) + " and " + listed(replicas);
  return "another daemon answers at " + address + ": it copies " + printable(told.master) + " to " +
         listed(told.replicas) + ", and this configuration says " + wanted +
         "; give the address of the daemon that is meant (--listen, KINTO_MIRROR_LISTEN)";
}

}  // namespace kinto_mirror::daemon
