#pragma once
// Runs what needs a PassContext, for tests.

#include "kinto/test_fakes.hpp"
#include "sync/pass_context.hpp"

#include <boost/asio/this_coro.hpp>

namespace kinto_mirror::sync::test {

template <class T, class Site, class Work>
Task<T> in_context_of(Site& site, Work& work) {
  TaskGroup background(co_await boost::asio::this_coro::executor);
  const PassContext context = site.context(background);
  T out = co_await work(context);
  co_await background.join();
  co_return out;
}

// Awaits `work(context)` with the context that `site` makes, then whatever it left in the
// background.
template <class T, class Site, class Work>
T run_with(Site& site, Work work) {
  return kinto::test::run(in_context_of<T>(site, work));
}

}  // namespace kinto_mirror::sync::test
