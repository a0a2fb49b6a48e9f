#pragma once
// What a webhook is to hear: gathered while the engine works, taken as one message.

#include "base/clock.hpp"
#include "daemon/secrets.hpp"
#include "sync/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace kinto_mirror::daemon {

// One thread. It holds the last state of each collection, and of what is to be told
// `max_told` entries of a kind; more are counted.
class WebhookNews final : public sync::Observer {
 public:
  static constexpr std::size_t max_told = 1000;

  // `woken` is called when the first entry is there. `guard` outlives it: servers' own words go
  // through it.
  WebhookNews(const SecretGuard& guard, std::function<void()> woken)
      : guard_(guard), woken_(std::move(woken)) {}

  [[nodiscard]] bool any() const noexcept { return any_; }

  // The message of all since the last call, as JSON; `now`: the machine's time. Shape:
  // docs/webhook.md.
  [[nodiscard]] std::string take(Stamp now);

  // That message did not arrive: what it told, and is still so, is told with what comes next.
  void take_back();
  // It did.
  void forget() { taken_ = {}; }

  void containers_done(const std::string& replica, const sync::ContainersReport& report) override;
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override;
  void quarantined(const std::string&, const CollectionId&, const sync::Refusal&) override {}
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string& replica, const Error& error, Millis next) override;
  void round_worked(const std::string& replica, std::size_t collections) override;
  void notice(const std::string&, const CollectionId&, std::string_view) override {}

 private:
  // Of a whole replica the collection is empty.
  using Key = std::pair<std::string, std::string>;
  struct Trouble {
    std::string state;
    std::string reason;

    bool operator==(const Trouble&) const = default;
  };

  struct Told {
    std::map<Key, sync::Written> changed;
    std::map<Key, sync::Written> containers;
    std::map<Key, bool> in_sync;
    std::map<Key, Trouble> troubles;
    std::int64_t omitted = 0;  // that found no room
  };

  void tell();
  void trouble(const Key& key, Trouble trouble);
  void well(const Key& key, bool came);
  template <class Value>
  Value* room(std::map<Key, Value>& entries, const Key& key);

  const SecretGuard& guard_;
  std::function<void()> woken_;
  bool any_ = false;
  std::map<Key, std::string> states_;  // as last seen: "in-sync", or what is wrong
  Told next_;
  Told taken_;  // until it is known to have arrived
};

}  // namespace kinto_mirror::daemon
