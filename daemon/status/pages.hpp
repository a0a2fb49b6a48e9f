#pragma once
// What the status server answers to which path.

#include "daemon/secrets.hpp"
#include "daemon/status/heartbeat.hpp"
#include "daemon/status/http_server.hpp"
#include "daemon/status/snapshot.hpp"
#include "daemon/status/version_json.hpp"

#include <functional>
#include <map>
#include <string>

namespace kinto_mirror::daemon {

class Pages {
 public:
  using Look = std::function<Snapshot()>;

  // A page that is made of a snapshot is made anew after this time, or 20 times that which it took,
  // so that whoever asks without end keeps the engine from its work for a small part of it only.
  static constexpr Millis keep{200};

  // All references outlive it. `guard` cuts out secrets that a server may have put into its words.
  Pages(const Clock& clock, Heartbeat& heartbeat, Look look, BuildInfo build, SecretGuard guard)
      : clock_(clock),
        heartbeat_(heartbeat),
        look_(std::move(look)),
        build_(std::move(build)),
        guard_(std::move(guard)) {}

  Task<Page> get(std::string path);

 private:
  struct Made {
    Page page;
    Instant good_until{};
  };
  const Page& made(const std::string& path, Page (Pages::*make)() const);
  [[nodiscard]] Page status() const;
  [[nodiscard]] Page metrics() const;

  const Clock& clock_;
  Heartbeat& heartbeat_;
  Look look_;
  BuildInfo build_;
  SecretGuard guard_;
  std::map<std::string, Made> made_;
};

}  // namespace kinto_mirror::daemon
