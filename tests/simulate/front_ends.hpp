#pragma once
// What may stand before a server: a cache that gives out answers of some time ago, and a limiter of
// its requests.

#include "base/clock.hpp"
#include "http/transport.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace kinto_mirror::simulate {

struct CacheOptions {
  // By what an answer that was stored can be told from a new one.
  enum class Shows { age, date, nothing };
  Shows shows = Shows::age;
  Millis life{0};              // of an answer; short where nothing shows it
  std::int64_t percent = 100;  // of what it could answer: it is one of several, or full
  bool obeys = false;          // the `Cache-Control: no-cache` of a request
  bool master = false;         // before which it stands
  bool replicas = false;
};

// Answers by method and target. What a POST says is never stored.
class Cache {
 public:
  explicit Cache(const CacheOptions& options) : options_(options) {}

  // Whether this is for a cache at all.
  [[nodiscard]] bool takes(const http::Request& request) const;
  // As it was stored, if it still lives, and how long ago.
  struct Hit {
    http::Response response;
    Millis age{0};
  };
  [[nodiscard]] std::optional<Hit> find(const http::Request& request, Instant now) const;
  void store(const http::Request& request, const http::Response& response, Instant now);

 private:
  struct Stored {
    http::Response response;
    Instant when;
  };
  CacheOptions options_;
  std::map<std::string, Stored> stored_;  // by method and target
};

struct LimiterOptions {
  std::int64_t rate = 1;   // requests a second
  std::int64_t burst = 0;  // besides the one that comes in its time
  int status = 503;        // 503 or 429, in HTML
  bool master = false;     // before which it stands
  bool replicas = false;
  Millis from{0};  // so long after the begin of the storm
  Millis until{0};
};

// nginx's `limit_req` with `nodelay`: what it refuses does not count.
class Limiter {
 public:
  explicit Limiter(const LimiterOptions& options) : options_(options) {}

  bool lets_pass(Instant now);
  [[nodiscard]] int status() const noexcept { return options_.status; }
  [[nodiscard]] std::int64_t asked() const noexcept { return asked_; }

 private:
  LimiterOptions options_;
  std::int64_t excess_ = 0;  // thousandths of a request
  std::optional<Instant> last_;
  std::int64_t asked_ = 0;
};

}  // namespace kinto_mirror::simulate
