#include "daemon/control/control.hpp"

#include "daemon/control/reload.hpp"
#include "daemon/durations.hpp"
#include "daemon/logging.hpp"
#include "daemon/text.hpp"
#include "sync/decide/barrier.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

constexpr auto json_type = "application/json";
// Between two looks at what an order waits for.
constexpr Millis look_again{50};
// That are named in an answer.
constexpr std::size_t most_named = 100;

std::string text_of(const std::vector<std::string>& patterns) {
  return fmt::format("{}", fmt::join(patterns, ","));
}

// "3 collections"
std::string count_of(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " collection" : " collections");
}

std::vector<std::string> names_of(const sync::Engine::Meant& meant) {
  std::vector<std::string> names;
  for (const CollectionId& id : meant) {
    if (names.size() == most_named) break;
    names.push_back(id.str());
  }
  return names;
}

bool is_gone(const Order& order) noexcept {
  return order.gone != nullptr && order.gone->requested();
}

Answer nothing_matches(const Order& order) {
  Answer answer;
  answer.exit = ExitCode::different;
  answer.message = "nothing that is followed matches " + text_of(order.patterns);
  return answer;
}

Answer done(const sync::Engine::Meant& meant, const Order& order, const std::string& what) {
  if (meant.empty()) return nothing_matches(order);
  Answer answer;
  answer.message = count_of(meant.size()) + " " + what;
  answer.collections = names_of(meant);
  return answer;
}

Answer refused(const Error& error) {
  Answer answer;
  answer.exit = ExitCode::different;
  answer.message = error.message;
  return answer;
}

// What all replicas say, each thing with the replica that it is about.
struct Looks {
  std::size_t collections = 0;
  std::size_t stays = 0;          // so many of `open` will not end by waiting
  std::vector<std::string> open;  // "b/c on replica: it is paused"; those that stay come first
  std::set<CollectionId> names;
};

// Of some replica.
sync::Engine::Meant collections_in(const std::vector<sync::Standing>& standings,
                                   const sync::Scope& which, bool paused_only) {
  sync::Engine::Meant out;
  for (const sync::Standing& standing : standings) {
    if (standing.listed == nullptr) continue;
    for (const auto& [id, state] : *standing.listed) {
      if (which.matches(id) && (state.paused || !paused_only)) out.insert(id);
    }
  }
  return out;
}

Looks look_at(const std::vector<sync::Standing>& standings, const sync::Scope& which,
              Instant since) {
  Looks looks;
  for (const sync::Standing& standing : standings) {
    const sync::BarrierLook look = sync::look_at_barrier(standing, which, since);
    looks.collections = std::max(looks.collections, look.collections);
    for (const sync::Open& one : look.open) {
      const std::string where = (one.id.empty() ? "" : one.id + " on ") + standing.replica;
      // What a server said names it already.
      const bool named_there = one.id.empty() && one.why.starts_with(standing.replica + " ");
      const auto behind_those = looks.open.begin() + static_cast<std::ptrdiff_t>(looks.stays);
      looks.open.insert(one.stays ? behind_those : looks.open.end(),
                        named_there ? one.why : where + ": " + one.why);
      if (one.stays) ++looks.stays;
      const std::size_t slash = one.id.find('/');
      if (slash == std::string::npos) continue;
      looks.names.emplace(one.id.substr(0, slash), one.id.substr(slash + 1));
    }
  }
  return looks;
}

// What ended the last round of some replica: "replica: ...; ".
std::string trouble_of(const Snapshot& now) {
  for (const ReplicaStatus& replica : now.replicas) {
    if (replica.error) {
      const std::string& name = replica.server.name;
      return name + ": " + std::string(without_name(replica.error->message, name)) + "; ";
    }
  }
  return "";
}

Answer not_reached(const Looks& looks, const std::string& after) {
  Answer answer;
  answer.exit = ExitCode::different;
  // Where some need a hand, the others only wait.
  const std::size_t more = (looks.stays > 0 ? looks.stays : looks.open.size()) - 1;
  answer.message = after + looks.open.front() +
                   (more > 0 ? "; and " + std::to_string(more) + " more" : std::string());
  answer.collections = names_of(looks.names);
  return answer;
}

}  // namespace

Task<void> Control::run(StreamAcceptor acceptor) {
  HttpLimits limits;
  limits.orders = true;
  server_.emplace(
      std::move(acceptor), [this](PageRequest request) { return answer(std::move(request)); },
      limits);
  co_await server_->run();
}

void Control::close() {
  if (server_) server_->close();
}

Task<Page> Control::answer(PageRequest request) {
  if (!request.order) co_return co_await status_.pages().get(std::move(request));
  auto order = read_order(request.path, request.query);
  if (!order) {
    Answer answer;
    answer.exit = ExitCode::usage;
    answer.message = order.error().message;
    co_return Page(order.error().code == Errc::not_found ? 404 : 400, json_type,
                   answer_json(answer));
  }
  order->gone = request.gone;
  const Answer answer = co_await carry_out(std::move(*order));
  co_return Page(200, json_type, answer_json(answer));
}

Task<Answer> Control::carry_out(Order order) {
  const std::string name(name_of(order.verb));
  const std::string what = text_of(order.patterns);
  Answer answer;
  // Statements, since g++ 12 frees the result of `c ? co_await a : co_await b` twice.
  switch (order.verb) {
    case Verb::audit:
      answer = compare(order);
      break;
    case Verb::pause:
      answer = co_await pause(std::move(order));
      break;
    case Verb::resume:
      answer = resume(order);
      break;
    case Verb::release:
      answer = release(order);
      break;
    case Verb::sync:
      answer = co_await sync(std::move(order));
      break;
    default:
      co_return reload();  // which logs more
  }
  Fields fields;
  fields.emplace_back("order", name);
  fields.emplace_back("collections", what);
  fields.emplace_back("exit", to_int(answer.exit));
  const bool well = answer.exit == ExitCode::ok;
  log_event(well ? Level::info : Level::warning, "control.order",
            name + " " + what + ": " + answer.message, std::move(fields));
  co_return answer;
}

Answer Control::compare(const Order& order) {
  const sync::Engine::Meant meant = engine_.audit(order.patterns);
  Answer answer = done(meant, order, "to be compared anew, at once");
  const auto paused = collections_in(engine_.standings(), sync::Scope(order.patterns), true);
  if (paused.empty()) return answer;
  answer.message += "; " + std::to_string(paused.size()) + " of them, which " +
                    (paused.size() == 1 ? "is" : "are") + " paused, once resumed";
  if (paused.size() >= meant.size()) answer.exit = ExitCode::different;
  return answer;
}

// What is under way is carried to its end: a pass that is left in the middle would have to be made
// anew.
Task<Answer> Control::pause(Order order) {
  auto meant = engine_.pause(order.patterns);
  if (!meant) co_return refused(meant.error());
  const sync::Scope which(order.patterns);
  const Instant give_up = session_.clock().now() + pause_patience;
  while (engine_.is_busy_with(which) && session_.clock().now() < give_up) {
    if (session_.stop().requested() || is_gone(order)) break;
    co_await session_.clock().sleep(look_again, session_.stop());
  }
  Answer answer = done(*meant, order, "paused, until resume or a restart");
  const auto under_way = engine_.visits(which);
  if (under_way.empty()) co_return answer;
  answer.exit = ExitCode::different;
  answer.message +=
      "; a pass over " + under_way.begin()->str() + " is still under way, and ends first";
  co_return answer;
}

Answer Control::resume(const Order& order) {
  auto meant = engine_.resume(order.patterns);
  if (!meant) return refused(meant.error());
  return done(*meant, order, "followed again");
}

Answer Control::release(const Order& order) {
  const std::string& name = order.patterns.front();
  const std::size_t slash = name.find('/');
  Answer answer;
  answer.exit = ExitCode::different;
  if (!collections_in(engine_.standings(), sync::Scope(order.patterns), true).empty()) {
    answer.message = name + " is paused; resume it first";
    return answer;
  }
  const auto meant = engine_.release(CollectionId(name.substr(0, slash), name.substr(slash + 1)));
  if (!meant.empty())
    return done(meant, order,
                "to be compared anew, and what the brake held is deleted then (sync waits for it)");
  answer.message = "the brake holds nothing of " + name;
  return answer;
}

Task<Answer> Control::sync(Order order) {
  if (waiting_ >= most_waiting) {
    Answer answer;
    answer.exit = ExitCode::different;
    answer.message = "not asked: " + std::to_string(waiting_) +
                     " wait already, which is as many as may; try again when one has its answer";
    co_return answer;
  }
  ++waiting_;
  Answer answer = co_await wait_for_sync(std::move(order));
  --waiting_;
  co_return answer;
}

// One that names nothing would hide a misspelt name behind the others.
std::optional<Answer> Control::unmatched(const Order& order) const {
  for (const std::string& pattern : order.patterns) {
    if (sync::takes_out_of_scope(pattern)) continue;
    const sync::Scope alone({pattern});
    if (!collections_in(engine_.standings(), alone, false).empty()) continue;
    Order of_one = order;
    of_one.patterns = {pattern};
    return nothing_matches(of_one);
  }
  return std::nullopt;
}

Task<Answer> Control::wait_for_sync(Order order) {
  const Instant since = session_.clock().now();
  const Instant give_up = since + order.timeout;
  const sync::Scope which(order.patterns);
  engine_.audit(order.patterns);
  while (true) {
    const Looks looks = look_at(engine_.standings(), which, since);
    if (looks.open.empty()) {
      if (looks.collections == 0) co_return nothing_matches(order);
      if (auto none = unmatched(order)) co_return std::move(*none);
      Answer answer;
      answer.collections = names_of(collections_in(engine_.standings(), which, false));
      answer.message = count_of(looks.collections) +
                       " compared: each replica holds all that the "
                       "master had";
      co_return answer;
    }
    if (looks.stays > 0) co_return not_reached(looks, "not in sync: ");
    if (session_.stop().requested()) co_return not_reached(looks, "the daemon stops: ");
    if (is_gone(order)) co_return not_reached(looks, "nobody waits for it any more: ");
    if (session_.clock().now() >= give_up) {
      co_return not_reached(looks, "not in sync within " + format_duration(order.timeout) + ": " +
                                       trouble_of(status_.look()));
    }
    co_await session_.clock().sleep(std::min(look_again, give_up - session_.clock().now()),
                                    session_.stop());
  }
}

Answer Control::reload() {
  return daemon::reload(config_, session_, engine_, status_);
}

}  // namespace kinto_mirror::daemon
