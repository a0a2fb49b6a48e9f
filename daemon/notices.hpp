#pragma once
// Keeps what the engine found worth knowing, for the report at the end of a single run.

#include "sync/observer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

struct Notice {
  std::string replica;
  std::string collection;  // empty: of the whole replica
  std::string message;
};

class Notices final : public sync::Observer {
 public:
  void containers_done(const std::string&, const sync::ContainersReport&) override {}
  void pass_done(const std::string&, const sync::CollectionReport&) override {}
  void quarantined(const std::string&, const CollectionId&, const sync::Refusal&) override {}
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string&, const Error&, Millis) override {}
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string& replica, const CollectionId& id,
              std::string_view message) override {
    all_.push_back({replica, id.bucket.empty() ? "" : id.str(), std::string(message)});
  }

  [[nodiscard]] const std::vector<Notice>& all() const noexcept { return all_; }

 private:
  std::vector<Notice> all_;
};

}  // namespace kinto_mirror::daemon
