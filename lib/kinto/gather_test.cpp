// Who goes with whom: seats are taken and left in turn, on a clock that only the test moves.
#include "kinto/gather.hpp"

#include "kinto/test_fakes.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

namespace asio = boost::asio;

// Whoever sleeps does so until he is woken, or until the test lets time pass.
class StandingClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Stamp wall() const override { return Stamp{7}; }
  Task<void> sleep(Millis duration, Stop& stop) override {
    if (stop.requested() || duration <= Millis{0}) co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    const Stop::Subscription wakes(stop, [&timer] { timer.cancel(); });
    const auto place = sleepers_.emplace(now_ + duration, &timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    sleepers_.erase(place);
  }
  void pass(Millis time) {
    now_ += time;
    for (const auto& [until, timer] : sleepers_) {
      if (until <= now_) timer->cancel();
    }
  }

 private:
  Instant now_{Millis{1'000'000}};
  std::multimap<Instant, asio::steady_timer*> sleepers_;
};

class Hall {
 public:
  explicit Hall(Millis linger = Millis{0}) : gatherer(clock, Millis{500}, linger, Shared::reads) {
    gatherer.set_most({4, 10'000});
  }

  // Somebody comes who wants so many parts; what becomes of him stands in `said`. `of`: whose parts
  // they are, where another one wants the same.
  void comes(const std::string& name, std::size_t parts = 1, const std::string& of = {}) {
    std::vector<Subrequest> wanted;
    for (std::size_t i = 0; i < parts; ++i)
      wanted.emplace_back("GET", "/" + (of.empty() ? name : of) + "?" + std::to_string(i));
    if (!gatherer.takes(wanted)) {
      said += name + " alone; ";
      return;
    }
    auto seat = std::make_shared<Gatherer::Seat>(gatherer, wanted, parts == 1);
    seats[name] = seat;
    asio::co_spawn(io, sit(name, seat), asio::detached);
    settle();
  }
  void settle() {
    io.restart();
    io.poll();
  }
  void answer(const std::string& name, const Result<Reply>& whole) {
    seats.at(name)->hand_out(whole);
    settle();
    seats.erase(name);
    settle();
  }
  void leaves(const std::string& name) {
    seats.erase(name);
    settle();
  }

  static Reply answers(int count) {
    Reply reply;
    reply.status = 200;
    reply.body = "{\"responses\":[";
    for (int i = 0; i < count; ++i) reply.body += i == 0 ? part : "," + part;
    reply.body += "]}";
    return reply;
  }
  static Reply page(int status) {
    Reply reply;
    reply.status = status;
    reply.body = "<html>";
    return reply;
  }

  std::string take() { return std::exchange(said, {}); }

  static inline const std::string part = R"({"status":200,"headers":{},"body":{"data":[]}})";
  StandingClock clock;
  Gatherer gatherer;
  std::map<std::string, std::shared_ptr<Gatherer::Seat>> seats;
  asio::io_context io;  // goes first: who waits in it has a seat
  std::string said;

 private:
  Task<void> sit(std::string name, std::weak_ptr<Gatherer::Seat> weak) {
    Gatherer::Seat* const seat = weak.lock().get();
    co_await seat->wait();
    if (seat->leads()) {
      said += name + " sends";
      for (const Subrequest& one : seat->collect())
        said += " " + one.path.substr(1, one.path.find('?') - 1);
      said += "; ";
    } else {
      const auto& reply = seat->reply();
      said += name + (!reply   ? " by himself; "
                      : *reply ? " has " + std::to_string((*reply)->status) + "; "
                               : " fails; ");
    }
  }
};

}  // namespace

TEST_CASE("the first goes at once, and what comes meanwhile goes together") {
  Hall hall;
  hall.comes("a");
  CHECK(hall.take() == "a sends a; ");
  hall.comes("b");
  hall.comes("c", 2);
  CHECK(hall.take().empty());
  hall.leaves("a");
  CHECK(hall.take() == "b sends b c c; ");
  hall.comes("d");
  hall.answer("b", Hall::answers(3));
  CHECK(hall.take() == "c has 200; d sends d; ");
  hall.leaves("d");
  hall.comes("e");
  CHECK(hall.take() == "e sends e; ");
}

TEST_CASE("a batch has an end, and a full one waits for nobody") {
  Hall hall;
  hall.comes("a");
  hall.comes("b", 2);
  hall.comes("c");
  CHECK(hall.take() == "a sends a; ");
  hall.comes("d", 3);
  CHECK(hall.take() == "b sends b b c; ");
  hall.leaves("a");
  CHECK(hall.take() == "d sends d d d; ");
  hall.comes("e", 4);
  CHECK(hall.take() == "e alone; ");
}

TEST_CASE(
    "where others are expected, a full batch waits for the beat, and is one for all who want it") {
  Hall hall(Millis{100});
  hall.clock.pass(Millis{10});
  hall.comes("a", 4);
  hall.comes("b", 4, "a");
  hall.comes("c", 2, "a");
  CHECK(hall.take().empty());
  hall.clock.pass(Millis{90});
  hall.settle();
  CHECK(hall.take() == "a sends a a a a; ");
  hall.answer("a", Hall::answers(4));
  CHECK(hall.take() == "b has 200; c has 200; ");
  // What does not fit beside it gains nothing by waiting.
  hall.comes("d", 4);
  CHECK(hall.take().empty());
  hall.comes("e", 1);
  CHECK(hall.take() == "d sends d d d d; ");
}

TEST_CASE("what hangs holds nobody up for long") {
  Hall hall;
  hall.comes("a");
  hall.clock.pass(Millis{400});
  hall.comes("b");
  hall.clock.pass(Millis{99});
  hall.settle();
  CHECK(hall.take() == "a sends a; ");
  hall.comes("c");
  hall.clock.pass(Millis{1});
  hall.settle();
  CHECK(hall.take() == "b sends b c; ");
  hall.answer("b", Hall::answers(2));
  CHECK(hall.take() == "c has 200; ");
  hall.clock.pass(Millis{500});
  hall.comes("d");
  CHECK(hall.take() == "d sends d; ");
}

TEST_CASE("a batch that fails as a whole fails nobody, and for a while each goes by himself") {
  Error slow(Errc::unreachable, "no end of it");
  slow.slow = true;
  const std::vector<Result<Reply>> wholes{Hall::page(413),
                                          Hall::page(404),
                                          Hall::page(500),
                                          Hall::page(502),
                                          Hall::page(200),
                                          Hall::answers(1),
                                          slow,
                                          Error(Errc::too_large, "64 MiB")};
  for (const Result<Reply>& whole : wholes) {
    Hall hall;
    hall.comes("a");
    hall.comes("b");
    hall.comes("c");
    hall.leaves("a");
    hall.comes("d");
    CHECK(hall.take() == "a sends a; b sends b c; ");
    hall.answer("b", whole);
    CHECK(hall.take() == "c by himself; d by himself; ");
    hall.comes("e");
    CHECK(hall.take() == "e alone; ");
    hall.clock.pass(Millis{30'000});
    hall.comes("f");
    CHECK(hall.take() == "f sends f; ");
  }
}

TEST_CASE("what says nothing of the batch is each one's answer") {
  Hall hall;
  hall.comes("a");
  hall.comes("b");
  hall.comes("c");
  hall.leaves("a");
  hall.answer("b", Hall::page(503));
  CHECK(hall.take() == "a sends a; b sends b c; c has 503; ");
  hall.comes("d");
  hall.comes("e");
  hall.comes("f");
  hall.leaves("d");
  hall.answer("e", Error(Errc::unreachable, "refused"));
  CHECK(hall.take() == "d sends d; e sends e f; f fails; ");
  hall.comes("g");
  CHECK(hall.take() == "g alone; ");
  hall.gatherer.begin_anew();
  hall.comes("h");
  CHECK(hall.take() == "h sends h; ");
}

TEST_CASE("what took long is asked apart for a while") {
  Hall hall;
  hall.comes("a");
  hall.comes("b");
  hall.comes("c");
  hall.leaves("a");
  Reply late = Hall::answers(2);
  late.took = Millis{2'000};
  hall.answer("b", late);
  CHECK(hall.take() == "a sends a; b sends b c; c has 200; ");
  hall.comes("d");
  CHECK(hall.take() == "d alone; ");
}

TEST_CASE("who leaves without a word leaves nobody waiting") {
  Hall hall;
  hall.comes("a");
  hall.comes("b");
  hall.comes("c");
  hall.leaves("a");
  hall.comes("d");
  hall.leaves("b");
  CHECK(hall.take() == "a sends a; b sends b c; c by himself; d sends d; ");
}

TEST_CASE("where nobody is to be waited for, nobody takes part") {
  StandingClock clock;
  Gatherer gatherer(clock, Millis{0}, Millis{0}, Shared::reads);
  gatherer.set_most({25, 10'000});
  const std::vector<Subrequest> one{Subrequest("GET", "/buckets/b")};
  CHECK_FALSE(gatherer.takes(one));
  Gatherer waiting(clock, Millis{1}, Millis{0}, Shared::reads);
  waiting.set_most({25, 10'000});
  CHECK(waiting.takes(one));
  CHECK_FALSE(waiting.takes({}));
  CHECK_FALSE(waiting.takes({Subrequest("GET", "/buckets/batch")}));
  waiting.set_most({1, 10'000});
  CHECK_FALSE(waiting.takes(one));
}

}  // namespace kinto_mirror::kinto
