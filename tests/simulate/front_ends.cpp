#include "front_ends.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

std::string key_of(const http::Request& request) {
  return request.method + " " + request.target;
}

}  // namespace

bool Cache::takes(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return false;
  const auto wish = http::find_header(request.headers, "Cache-Control");
  return !options_.obeys || !wish || wish->find("no-cache") == std::string_view::npos;
}

std::optional<Cache::Hit> Cache::find(const http::Request& request, Instant now) const {
  const auto found = stored_.find(key_of(request));
  if (found == stored_.end()) return std::nullopt;
  const auto age = std::chrono::duration_cast<Millis>(now - found->second.when);
  if (age > options_.life) return std::nullopt;
  return Hit{found->second.response, age};
}

void Cache::store(const http::Request& request, const http::Response& response, Instant now) {
  if (response.status == 200) stored_[key_of(request)] = {response, now};
}

bool Limiter::lets_pass(Instant now) {
  ++asked_;
  std::int64_t excess = 0;
  if (last_) {
    const auto passed = std::chrono::duration_cast<Millis>(now - *last_).count();
    excess = std::max<std::int64_t>(0, excess_ - options_.rate * passed + 1000);
  }
  if (excess > options_.burst * 1000) return false;
  excess_ = excess;
  last_ = now;
  return true;
}

}  // namespace kinto_mirror::simulate
