#include "selftest/connect.hpp"

#include "http/beast_transport.hpp"

#include <utility>

namespace kinto_mirror::selftest {

std::unique_ptr<kinto::Server> connect(const Endpoint& endpoint, const std::string& user_agent,
                                       Loop& loop, Clock& clock, Wire* wire) {
  kinto::ServerConfig config;
  config.name = endpoint.name;
  config.url = endpoint.url.str();
  config.base_path = endpoint.url.base_path;
  config.authorization = endpoint.authorization;
  config.gather = kinto::usual_gather;
  http::TransportConfig transport_config;
  transport_config.ca_file = endpoint.ca_file;
  if (!user_agent.empty()) transport_config.user_agent = user_agent;
  auto transport =
      http::make_transport(loop.executor(), endpoint.url.origin, std::move(transport_config));
  if (wire != nullptr) transport = tapped(std::move(transport), *wire);
  return std::make_unique<kinto::Server>(std::move(config), std::move(transport), clock,
                                         loop.stop());
}

}  // namespace kinto_mirror::selftest
