#pragma once
// What is answered to which path.

#include "daemon/secrets.hpp"
#include "daemon/status/heartbeat.hpp"
#include "daemon/status/history.hpp"
#include "daemon/status/http_server.hpp"
#include "daemon/status/snapshot.hpp"
#include "daemon/status/version_json.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

class Pages {
 public:
  // Of everything, or of one collection alone.
  using Look = std::function<Snapshot(std::optional<CollectionId> only)>;

  // A page that is made of a snapshot is made anew after this time, or 20 times that which it took,
  // so that whoever asks without end keeps the engine from its work for a small part of it only.
  static constexpr Millis keep{200};

  // All references outlive it. `guard` cuts out secrets that a server may have put into its words.
  Pages(const Clock& clock, Heartbeat& heartbeat, Look look, const History& history,
        BuildInfo build, SecretGuard guard);

  Task<Page> get(PageRequest request);
  // A secret that was given later is cut out too.
  void hide(std::vector<std::string> secrets) { guard_.add(std::move(secrets)); }

 private:
  struct Made {
    std::string of;  // which collection
    Page page;
    Instant good_until{};
  };
  const Page& made(const std::string& path, const std::string& of,
                   Page (Pages::*make)(const std::string&) const);
  Page status_of(const std::string& query);
  [[nodiscard]] Page status(const std::string& none) const;
  [[nodiscard]] Page collection(const std::string& name) const;
  [[nodiscard]] Page metrics(const std::string& none) const;
  [[nodiscard]] Page past(const std::string& none) const;

  const Clock& clock_;
  Heartbeat& heartbeat_;
  Look look_;
  const History& history_;
  BuildInfo build_;
  SecretGuard guard_;
  Page people_;
  std::map<std::string, Made> made_;  // the last one of each path
};

}  // namespace kinto_mirror::daemon
