#include "daemon/status/pages.hpp"

#include "daemon/status/metrics.hpp"
#include "daemon/status/status_json.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

constexpr auto json_type = "application/json";
constexpr auto metrics_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

Task<Page> Pages::get(std::string path) {
  if (path == "/__heartbeat__") {
    const Health health = co_await heartbeat_.health();
    co_return Page(health.ok() ? 200 : 503, json_type, guard_.clean(heartbeat_json(health)));
  }
  if (path == "/__lbheartbeat__") co_return Page(200, json_type, "{\"status\": \"ok\"}\n");
  if (path == "/__version__") co_return Page(200, json_type, build_.json);
  if (path == "/status") co_return made(path, &Pages::status);
  if (path == "/metrics") co_return made(path, &Pages::metrics);
  co_return Page(404, json_type,
                 "{\"code\": 404, \"message\": \"there are /status, /metrics, /__heartbeat__, "
                 "/__lbheartbeat__ and /__version__\"}\n");
}

const Page& Pages::made(const std::string& path, Page (Pages::*make)() const) {
  Made& known = made_[path];
  const Instant begin = clock_.now();
  if (!known.page.body || begin >= known.good_until) {
    known.page = (this->*make)();
    const Instant end = clock_.now();
    known.good_until = end + std::max(keep, 20 * (end - begin));
  }
  return known.page;
}

Page Pages::status() const {
  return {200, json_type, guard_.clean(status_json(look_()))};
}

Page Pages::metrics() const {
  return {200, metrics_type, metrics_text(look_(), build_.commit)};
}

}  // namespace kinto_mirror::daemon
