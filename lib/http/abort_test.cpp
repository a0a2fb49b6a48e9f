// How a transport ends: aborted, destroyed, cancelled, or together with its io_context.

#include "base/task_group.hpp"
#include "http/beast_transport.hpp"
#include "http/test_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// Never answers; a client on it is in flight until something ends it.
Task<void> keep_silent(Peer& peer, int /*number*/) {
  return peer.wait_for_close();
}

struct Flight {
  asio::io_context context;
  TestServer server;
  std::unique_ptr<Transport> transport;
  std::vector<Errc> ends;

  explicit Flight(TestServer::Script script, TransportConfig config = {})
      : server(context, std::move(script)),
        transport(make_transport(context.get_executor(), server.origin(), std::move(config))) {}

  Task<void> fly() {
    const auto got = co_await get(*transport, "/v1/");
    ends.push_back(got ? Errc::internal : got.error().code);
  }

  // Several in flight and in the queue; `end` ends them.
  void run(const std::function<void()>& end) {
    run_bounded(context, [&]() -> Task<void> {
      TaskGroup group(context.get_executor());
      for (int i = 0; i < 3; ++i) group.spawn(fly());
      asio::steady_timer timer(context, milliseconds(50));
      co_await timer.async_wait(asio::use_awaitable);
      CHECK(ends.empty());
      end();
      co_await group.join();
    });
  }

  // Whether nothing of the transport is left behind in the io_context.
  bool runs_out() {
    server.close();
    context.run_for(std::chrono::seconds(2));
    return context.stopped();
  }
};

TransportConfig two_connections() {
  TransportConfig config;
  config.connections = 2;
  return config;
}

TEST_CASE("abort ends what is in flight, what waits, and all that follows") {
  Flight flight(keep_silent, two_connections());
  flight.run([&] { flight.transport->abort(); });
  CHECK(flight.ends == std::vector<Errc>(3, Errc::stopped));
  run_bounded(flight.context, [&]() -> Task<void> { return flight.fly(); });
  CHECK(flight.ends.back() == Errc::stopped);
  CHECK(flight.server.accepted() == 2);
  CHECK(flight.runs_out());
}

TEST_CASE("destroying the transport ends what is in flight") {
  Flight flight(keep_silent, two_connections());
  flight.run([&] { flight.transport.reset(); });
  CHECK(flight.ends == std::vector<Errc>(3, Errc::stopped));
  CHECK(flight.runs_out());
}

TEST_CASE("abort in the middle of a handshake, and of the attempt to connect") {
  asio::io_context context;
  TestServer server(context, keep_silent);
  Origin origin = server.origin();
  origin.tls = true;
  const auto transport = make_transport(context.get_executor(), origin);
  run_bounded(context, [&]() -> Task<void> {
    asio::steady_timer timer(context, milliseconds(50));
    timer.async_wait([&](boost::system::error_code) { transport->abort(); });
    const auto got = co_await get(*transport, "/v1/");
    REQUIRE(!got.has_value());
    CHECK(got.error().code == Errc::stopped);
  });
  origin.host = "localhost";
  const auto other = make_transport(context.get_executor(), origin);
  run_bounded(context, [&]() -> Task<void> {
    asio::post(context, [&] { other->abort(); });
    const auto got = co_await get(*other, "/v1/");
    REQUIRE(!got.has_value());
    CHECK(got.error().code == Errc::stopped);
  });
}

TEST_CASE("destroying a transport with an idle connection leaves nothing pending") {
  Flight flight(answer_with_number);
  run_bounded(flight.context, [&]() -> Task<void> { return flight.fly(); });
  flight.transport.reset();
  CHECK(flight.runs_out());
}

TEST_CASE("abort with an idle connection leaves nothing pending") {
  Flight flight(answer_with_number);
  run_bounded(flight.context, [&]() -> Task<void> { return flight.fly(); });
  flight.transport->abort();
  CHECK(flight.runs_out());
}

TEST_CASE("a caller's cancellation comes back as a value, and frees the place") {
  TransportConfig config;
  config.connections = 1;
  Flight flight(
      [](Peer& peer, int number) -> Task<void> {
        if (number == 1) co_await peer.wait_for_close();
        co_await answer_with_number(peer, number);
      },
      config);
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(flight.context, flight.fly(),
                 asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error) {
                   ended = true;
                   CHECK(!error);
                 }));
  run_bounded(flight.context, [&]() -> Task<void> {
    asio::steady_timer timer(flight.context, milliseconds(50));
    co_await timer.async_wait(asio::use_awaitable);
    cancel.emit(asio::cancellation_type::terminal);
    const auto got = co_await get(*flight.transport, "/v1/");
    REQUIRE(got.has_value());
    CHECK(got->body == "2");
  });
  CHECK(ended);
  CHECK(flight.ends == std::vector<Errc>{Errc::stopped});
}

TEST_CASE("an io_context may be destroyed with exchanges in flight and in the queue") {
  std::unique_ptr<Transport> transport;
  {
    asio::io_context context;
    TestServer server(context, keep_silent);
    transport = make_transport(context.get_executor(), server.origin(), two_connections());
    for (int i = 0; i < 4; ++i) {
      asio::co_spawn(context, get(*transport, "/v1/"),
                     [](const std::exception_ptr&, const Result<Response>&) {});
    }
    context.run_for(milliseconds(50));
    CHECK(server.accepted() == 2);
    transport.reset();
  }
}

}  // namespace
}  // namespace kinto_mirror::http
