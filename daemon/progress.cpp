#include "daemon/progress.hpp"

#include "daemon/durations.hpp"
#include "daemon/logging.hpp"
#include "daemon/text.hpp"

#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

constexpr Millis redraw_interval{100};
constexpr std::size_t usual_columns = 80;

// "1,234,567"
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : usual_columns;
}

Instant steady_now() {
  return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now());
}

}  // namespace

std::string format_progress(const ProgressState& state, std::size_t columns) {
  std::string line = printable(state.what) + ": " + grouped(state.done);
  if (state.total) line += " of " + grouped(std::max(*state.total, state.done));
  line += " records";
  const std::int64_t ms = state.elapsed.count();
  const std::int64_t rate = ms > 0 ? state.done * 1'000 / ms : 0;
  if (rate > 0) line += ", " + grouped(rate) + "/s";
  if (rate > 0 && state.total && *state.total > state.done) {
    const std::int64_t seconds = (*state.total - state.done + rate - 1) / rate;
    line += ", " + format_duration(Millis(seconds * 1'000)) + " left";
  }
  if (line.size() > columns) line.resize(columns);
  return to_valid_utf8(line);
}

Progress::Progress() : active_(::isatty(STDERR_FILENO) == 1) {
  if (active_) set_before_line([this] { clear(); });
}

Progress::~Progress() {
  if (!active_) return;
  clear();
  set_before_line(nullptr);
}

void Progress::update(const ProgressState& state) {
  if (!active_) return;
  const Instant now = steady_now();
  if (!log_keeps_up()) return;
  if (last_ && now - *last_ < redraw_interval) return;
  last_ = now;
  drawn_ = true;
  // The last column stays free: some terminals wrap when it is written.
  draw_beside_log("\r\x1b[K" + format_progress(state, terminal_columns() - 1));
}

void Progress::clear() {
  if (!drawn_) return;
  drawn_ = false;
  draw_beside_log("\r\x1b[K");
}

}  // namespace kinto_mirror::daemon
