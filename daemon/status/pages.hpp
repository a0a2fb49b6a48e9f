#pragma once
// What the status server answers to which path.

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

  // A page that is made of a snapshot is made anew after this time, so that whoever asks without
  // end keeps the engine from its work for a small part of the time only.
  static constexpr Millis keep{200};

  // All references outlive it.
  Pages(const Clock& clock, Heartbeat& heartbeat, Look look, BuildInfo build)
      : clock_(clock), heartbeat_(heartbeat), look_(std::move(look)), build_(std::move(build)) {}

  Task<Page> get(std::string path);

 private:
  struct Made {
    Page page;
    Instant at{};
  };
  const Page& made(const std::string& path, Page (Pages::*make)() const);
  [[nodiscard]] Page status() const;
  [[nodiscard]] Page metrics() const;

  const Clock& clock_;
  Heartbeat& heartbeat_;
  Look look_;
  BuildInfo build_;
  std::map<std::string, Made> made_;
};

}  // namespace kinto_mirror::daemon
