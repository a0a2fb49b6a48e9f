// The system's lookup may hang for half a minute; nobody waits for it.

#include "http/resolve.hpp"

#include "base/task_group.hpp"
#include "http/test_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <future>
#include <thread>
#include <vector>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// Name servers that answer when they are let, or when the test is over.
class Deaf {
 public:
  ~Deaf() { answer(); }
  void answer() {
    if (!let_) gate_.set_value();
    let_ = true;
  }
  [[nodiscard]] Lookup::Find find() const {
    return [open = open_](const std::string&, const std::string&) -> Result<Endpoints> {
      open.wait();
      Endpoints found;
      found.emplace_back(asio::ip::address_v4::loopback(), static_cast<unsigned short>(9));
      return found;
    };
  }

 private:
  std::promise<void> gate_;
  std::shared_future<void> open_ = gate_.get_future().share();
  bool let_ = false;
};

Result<Endpoints> resolve(Lookup& lookup, asio::io_context& context, Millis timeout) {
  Result<Endpoints> found = Error(Errc::internal, "not asked");
  run_bounded(context,
              [&]() -> Task<void> { found = co_await lookup.run("kinto.test", "80", timeout); });
  return found;
}

TEST_CASE("neither the caller nor the io_context waits for a lookup that hangs") {
  Deaf deaf;
  const auto begin = std::chrono::steady_clock::now();
  {
    asio::io_context context;
    Lookup lookup(context.get_executor(), deaf.find());
    const auto found = resolve(lookup, context, milliseconds(50));
    REQUIRE(found.has_error());
    CHECK(found.error().code == Errc::unreachable);
    CHECK(found.error().message.find("within 50 ms") != std::string::npos);
    context.run_for(std::chrono::seconds(2));
    CHECK(context.stopped());
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
}

TEST_CASE("a lookup that ends after its io_context harms nobody") {
  Deaf deaf;
  {
    asio::io_context context;
    Lookup lookup(context.get_executor(), deaf.find());
    asio::co_spawn(context, lookup.run("kinto.test", "80", std::chrono::seconds(9)),
                   [](const std::exception_ptr&, const Result<Endpoints>&) {});
    context.run_for(milliseconds(20));
  }
  deaf.answer();
  std::this_thread::sleep_for(milliseconds(20));  // AddressSanitizer looks at what it does
}

TEST_CASE("cancel ends a lookup at once, and one that begins afterwards") {
  Deaf deaf;
  asio::io_context context;
  Lookup lookup(context.get_executor(), deaf.find());
  asio::steady_timer timer(context, milliseconds(20));
  timer.async_wait([&](boost::system::error_code) { lookup.cancel(); });
  for (int i = 0; i < 2; ++i) {
    const auto found = resolve(lookup, context, std::chrono::seconds(9));
    REQUIRE(found.has_error());
    CHECK(found.error().code == Errc::stopped);
  }
}

TEST_CASE("what is found arrives, also by a second lookup") {
  Deaf deaf;
  deaf.answer();
  asio::io_context context;
  Lookup lookup(context.get_executor(), deaf.find());
  for (int i = 0; i < 2; ++i) {
    const auto found = resolve(lookup, context, std::chrono::seconds(9));
    REQUIRE(found.has_value());
    CHECK(found->front().port() == 9);
  }
}

TEST_CASE("so many lookups may hang, and no more") {
  Deaf deaf;
  asio::io_context context;
  std::vector<std::unique_ptr<Lookup>> lookups;
  std::vector<Result<Endpoints>> ends;
  run_bounded(context, [&]() -> Task<void> {
    TaskGroup group(context.get_executor());
    const auto one = [](Lookup& lookup, std::vector<Result<Endpoints>>& to) -> Task<void> {
      auto found = co_await lookup.run("kinto.test", "80", std::chrono::seconds(9));
      to.push_back(std::move(found));
    };
    for (int i = 0; i < Lookup::max_threads + 3; ++i) {
      lookups.push_back(std::make_unique<Lookup>(context.get_executor(), deaf.find()));
      group.spawn(one(*lookups.back(), ends));
    }
    asio::steady_timer timer(context, milliseconds(100));
    co_await timer.async_wait(asio::use_awaitable);
    CHECK(ends.size() >= 3);  // more where threads of the tests before are not quite gone
    for (const auto& end : ends) {
      CHECK(end.has_error());
      if (end) continue;
      CHECK(end.error().code == Errc::unreachable);
      CHECK(end.error().message.find("no thread is left") != std::string::npos);
    }
    deaf.answer();
    co_await group.join();
  });
  CHECK(ends.size() == static_cast<std::size_t>(Lookup::max_threads) + 3);
  CHECK(ends.back().has_value());
}

TEST_CASE("the system's own lookup finds this machine, and says why it finds nothing") {
  const auto found = look_up_host("localhost", "80");
  REQUIRE(found.has_value());
  CHECK(found->front().address().is_loopback());
  CHECK(found->front().port() == 80);
  const auto nothing = look_up_host("", "80 or so");
  REQUIRE(nothing.has_error());
  CHECK(nothing.error().message.find("the host name could not be resolved (") == 0);
}

}  // namespace
}  // namespace kinto_mirror::http
