#pragma once
// The daemon's log: one line an event, on stderr. The logger is the one global of the program.

#include "daemon/event.hpp"

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// To stderr; colours on a terminal that does not set NO_COLOR. Before this call, and after
// stop_logging(), nothing is logged. `secrets` are cut out of every line. No line is ever waited
// for: what nobody reads is dropped and counted, and a line tells of it once there is room.
void start_logging(const LogOptions& options, std::vector<std::string> secrets);

// As above, to a stream of a test, without colours.
void start_logging(const LogOptions& options, std::vector<std::string> secrets, std::ostream& out);

// Texts that must not appear in any line from now on either.
void hide_from_log(std::vector<std::string> secrets);

// What is less is not logged from now on.
void set_log_level(Level level);

// Writes what is left, within two seconds.
void stop_logging();

// Before something else is written to the same terminal: waits, at most for half a second, until
// the lines so far are out.
void flush_log();

// Whether log_event() would write: for events that are costly to put together.
bool is_logged(Level level);

// `type` is a dotted name for machines: "sync.pass".
void log_event(Level level, std::string_view type, std::string message, Fields fields = {});

// Terminal art that is no line: takes its turn among the lines.
void draw_beside_log(std::string_view text);

// Nothing waits to be written. What is only nice to see waits for this.
bool log_keeps_up();

// Called before a line is written, so that a progress line can make room.
void set_before_line(std::function<void()> hook);

}  // namespace kinto_mirror::daemon
