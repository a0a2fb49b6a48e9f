#pragma once
// What an order over the control socket looks like, and what is answered: for the daemon, and for
// the commands that give it.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/stop.hpp"
#include "daemon/config.hpp"
#include "daemon/exit_code.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

struct Order {
  Verb verb = Verb::audit;
  std::vector<std::string> patterns{"*/*"};  // globs over bucket/collection; of `release` an id
  Millis timeout{0};                         // of `sync`
  const Stop* gone = nullptr;                // nobody waits for the answer any more
};

// Whether this command is given to a running daemon.
bool is_order(Verb verb) noexcept;

// "audit": how the command is called, and the path that it is sent to.
std::string_view name_of(Verb verb) noexcept;

// Nothing where no order is called so.
std::optional<Verb> order_called(std::string_view name) noexcept;

// "main/*,blocklists/plugins" for an order of this kind. Errors: rejected; the message continues a
// sentence that begins with the value.
Result<std::vector<std::string>> parse_patterns(Verb verb, std::string_view text);

// "/sync?collections=main%2F*&timeout=60000"
std::string target_of(const Order& order);

// The order of a path and its query. Errors: not_found where there is no such order, else rejected.
Result<Order> read_order(std::string_view path, std::string_view query);

// What became of an order. The command prints the message, and exits with the code.
struct Answer {
  ExitCode exit = ExitCode::ok;
  std::string message;                   // one line
  std::vector<std::string> collections;  // that were meant, or that are in the way
};

// {"ok": true, "exit": 0, "message": "...", "collections": ["b/c"]}, and a line break
std::string answer_json(const Answer& answer);

// Nothing where it is none.
std::optional<Answer> read_answer(std::string_view body);

}  // namespace kinto_mirror::daemon
