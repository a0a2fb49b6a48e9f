// Orders at the control socket, and their answers: each side reads what the other one writes.

#include "daemon/control/orders.hpp"
#include "daemon/query.hpp"
#include "fuzz.hpp"
#include "sync/decide/scope.hpp"

#include <algorithm>

namespace kinto_mirror::fuzz {

namespace {

Result<daemon::Order> read(std::string_view target) {
  const std::size_t query = std::min(target.find('?'), target.size());
  return daemon::read_order(target.substr(0, query),
                            target.substr(std::min(query + 1, target.size())));
}

void read_order(std::string_view target) {
  const auto order = read(target);
  if (!order) return hold(!order.error().message.empty(), "a fault has no words");
  hold(daemon::is_order(order->verb), "what is no order is taken");
  hold(!order->patterns.empty(), "an order is about nothing");
  const auto again = read(daemon::target_of(*order));
  if (order->verb == daemon::Verb::reload) return hold(again.has_value(), "reload is no order");
  hold(again && again->verb == order->verb && again->patterns == order->patterns &&
           again->timeout == order->timeout,
       "an order is another one when it is sent again");
  const sync::Scope scope(order->patterns);
  (void)scope.named();
}

void read_answer(std::string_view body) {
  const auto answer = daemon::read_answer(body);
  if (!answer) return;
  const auto again = daemon::read_answer(daemon::answer_json(*answer));
  hold(again && again->exit == answer->exit && again->message == answer->message,
       "an answer is another one when it is written again");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = kinto_mirror::fuzz::text_of(data, size);
  kinto_mirror::fuzz::read_order(text);
  kinto_mirror::fuzz::read_answer(text);
  return 0;
}
