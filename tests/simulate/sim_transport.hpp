#pragma once
// A daemon's way to one site, which it knows by `name`: each exchange waits for an answer of the
// network, or its deadline.

#include "http/transport.hpp"
#include "network.hpp"
#include "waiters.hpp"

#include <memory>
#include <set>

namespace kinto_mirror::simulate {

class SimTransport final : public http::Transport {
 public:
  SimTransport(Network& network, Timeline& timeline, std::shared_ptr<Waiters> waiters, Site& site,
               const std::string& name, Run run);

  ResultTask<http::Response> exchange(const http::Request& request) override;
  void abort() override;
  [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

 private:
  Network& network_;
  Timeline& timeline_;
  std::shared_ptr<Waiters> waiters_;
  Site& site_;
  Run run_;
  http::Origin origin_;
  std::set<Waiters::Ticket> in_flight_;
  bool aborted_ = false;
};

}  // namespace kinto_mirror::simulate
