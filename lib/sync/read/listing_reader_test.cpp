// Which listed objects are tombstones, and how that is asked.
#include "sync/read/listing_reader.hpp"

#include "kinto/test_fakes.hpp"

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::Bench;
using kinto::test::run;

const std::string path = "/buckets/b/collections/c/records";

std::string unclear(const std::string& id) {
  return R"({"id":")" + id + R"(","last_modified":5,"deleted":true})";
}

std::string listing_of(const std::vector<std::string>& objects) {
  std::string out = R"({"data":[)";
  for (const std::string& object : objects) out += (out.back() == '[' ? "" : ",") + object;
  return out + "]}";
}

// More than fit into one address.
std::vector<std::string> many() {
  std::vector<std::string> objects;
  objects.reserve(60);
  for (int i = 0; i < 60; ++i) objects.push_back(unclear(std::string(90, 'i') + std::to_string(i)));
  return objects;
}

bool asks_for_live(const http::Request& request) {
  return request.target.find("not_last_modified") == std::string::npos &&
         request.target.find("_since") == std::string::npos;
}

// How often a whole collection, and how often some ids, were asked for what lives.
struct Asked {
  int whole = 0;
  int some = 0;
};

Asked asked(const Bench& bench) {
  Asked out;
  for (const auto& seen : bench.script.seen) {
    if (!asks_for_live(seen.request)) continue;
    const bool ids = seen.request.target.find("id=%22") != std::string::npos;
    ++(ids ? out.some : out.whole);
  }
  return out;
}

// The ids of the tombstones of each page.
using Tombstones = std::vector<std::vector<std::string>>;

Task<Tombstones> read_all(Bench& bench) {
  TaskGroup background(co_await boost::asio::this_coro::executor);
  kinto::Listing listing;
  listing.since = Stamp{1};
  Tombstones out;
  {
    ListingReader reader(bench.server, path, std::move(listing), background);
    while (true) {
      const auto page = co_await reader.next();
      REQUIRE(page.has_value());
      if (!*page) break;
      out.emplace_back();
      for (const kinto::Entry& entry : (*page)->entries) {
        if (entry.deleted) out.back().push_back(entry.id);
      }
    }
  }
  co_await background.join();
  co_return out;
}

// A page that is refused is refused for its age.
Task<bool> reads_first_page(Bench& bench) {
  TaskGroup background(co_await boost::asio::this_coro::executor);
  bool read = false;
  {
    kinto::Listing listing;
    listing.since = Stamp{1};
    ListingReader reader(bench.server, path, std::move(listing), background,
                         ListingReader::Tombstones::as_listed);
    const auto page = co_await reader.next();
    read = page.has_value();
    CHECK((read || page.error().code == Errc::unproven));
    CHECK(reader.stored().empty() != read);
  }
  co_await background.join();
  co_return read;
}

}  // namespace

TEST_CASE("a record created anew with only `deleted` while the listing is read is no tombstone") {
  Bench bench;
  bench.script.answer(200, listing_of(many()), {{"Next-Page", "http://h/?_token=t"}})
      .answer(200, listing_of({unclear("late")}))  // the next page is read ahead
      .answer(200, listing_of({}))                 // of the whole collection, before `late`
      .answer(200, listing_of({unclear("late")}));
  const Tombstones tombstones = run(read_all(bench));
  REQUIRE(tombstones.size() == 2);
  CHECK(tombstones[0].size() == 60);
  CHECK(tombstones[1].empty());
  CHECK(asked(bench).whole == 1);
  CHECK(asked(bench).some == 1);
}

TEST_CASE("where ids in the address are too much for the server, the whole collection is asked") {
  Bench bench;
  bench.script.answer(200, listing_of({unclear("alive"), unclear("gone")}))
      .answer(414)
      .answer(200, listing_of({unclear("alive")}));
  const Tombstones tombstones = run(read_all(bench));
  REQUIRE(tombstones.size() == 1);
  CHECK(tombstones[0] == std::vector<std::string>{"gone"});
  CHECK(asked(bench).some == 1);
  CHECK(asked(bench).whole == 1);
}

TEST_CASE("an old page is read where it is the whole list, and joins no other one") {
  for (const bool whole : {true, false}) {
    Bench bench;
    http::Headers headers{{"Age", "9"}};
    if (!whole) headers.emplace_back("Next-Page", "http://h/?_token=t");
    bench.script.answer(200, listing_of({unclear("a")}), headers)
        .answer(200, listing_of({unclear("b")}))
        .answer(200, listing_of({}));
    const bool read = run(reads_first_page(bench));
    CHECK(read == whole);
  }
}

TEST_CASE("what the line is too slow for is asked for in halves, and stays small") {
  Bench bench;
  Error slow(Errc::unreachable, "the answer was not complete within 120000 ms");
  slow.slow = true;
  const http::Headers next{{"Next-Page", "http://h/v1/x?_token=t"}};
  const std::string one = R"({"data":[{"id":"a","last_modified":5,"n":1}]})";
  bench.script.answers.emplace_back(slow);
  bench.script.answers.emplace_back(slow);
  bench.script.answer(200, one, next).answer(200, R"({"data":[]})");
  CHECK(run(read_all(bench)).size() == 2);
  std::vector<std::string> limits;
  for (const auto& seen : bench.script.seen) {
    const std::size_t at = seen.request.target.find("_limit=");
    limits.push_back(
        seen.request.target.substr(at + 7, seen.request.target.find('&', at) - at - 7));
  }
  // What comes at once, as here, may grow again.
  CHECK(limits == std::vector<std::string>{"500", "250", "125", "250"});
  CHECK(bench.server.most_rows(false) > 125);
  CHECK(bench.server.most_rows(true) == kinto::Portion::unbounded);
}

TEST_CASE("a line that is dead is not asked for less") {
  Bench bench;
  bench.server.set_patience(Millis{0});
  bench.script.fail(Errc::unreachable);
  const auto page = run(bench.server.list(path, kinto::Listing()));
  CHECK(page.has_error());
  CHECK(bench.server.most_rows(false) == kinto::Portion::unbounded);
}

}  // namespace kinto_mirror::sync
