#include "daemon/server_list.hpp"

#include "daemon/settings.hpp"

#include <map>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

Error none_given(std::string_view table, std::string_view title, const std::string& role) {
  const Setting& url = *find_key(table, "url");
  return {Errc::config, "no " + std::string(table) + " is given, the Kinto that is " + role +
                            "; give " + std::string(url.flag) + " URL, " + std::string(url.env) +
                            ", or url under " + std::string(title) + " in the file of --config"};
}

}  // namespace

Errc code_of(const Origin& origin) {
  return origin.kind == Origin::Kind::flag ? Errc::usage : Errc::config;
}

std::vector<Error> faults_of_servers(const Config& config) {
  std::vector<Error> faults;
  std::map<std::string, std::string> seen;
  // A file that is restored stands in the place of the master: any server may get it back.
  if (config.verb != Verb::restore && config.master.has_url()) {
    seen[config.master.url.str()] = "the master";
  } else if (config.verb != Verb::restore) {
    faults.push_back(none_given("master", "[master]", "copied"));
  }
  if (config.verb == Verb::dump) return faults;
  if (config.replicas.empty()) {
    faults.push_back(none_given("replica", "[[replica]]", "to become the copy"));
  }
  std::map<std::string, std::size_t> names;  // reports and metrics tell the servers apart by them
  for (std::size_t i = 0; i < config.replicas.size(); ++i) {
    const Server& replica = config.replicas[i];
    if (!replica.has_url()) {
      faults.emplace_back(Errc::config, config.file + ": [[replica]] number " +
                                            std::to_string(i + 1) + " has no url");
      continue;
    }
    const auto [other, fresh] = seen.try_emplace(replica.url.str(), replica.name);
    if (!fresh) {
      faults.emplace_back(code_of(origin_of(config, replica_key(i, "url"))),
                          replica.name + " and " + other->second + " are the same server, " +
                              replica.url.str() +
                              ": a replica is another Kinto than the master and the others");
    }
    if (++names[replica.name] == 2) {
      const Origin origin = origin_of(config, replica_key(i, "name"));
      faults.emplace_back(Errc::config, (origin.place.empty() ? config.file : origin.place) +
                                            ": two replicas are called " + replica.name +
                                            ": give one of them another name");
    }
  }
  return faults;
}

}  // namespace kinto_mirror::daemon
