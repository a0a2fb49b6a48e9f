// Lists of a Kinto of the model, page by page, while others write to it.
#include "sync/read/walk.hpp"

#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Profile;
using test::Sites;
using test::the_collection;

const std::string lists = test::lists_of(the_collection);

// What a walk over the master meets, as Site::holds() says it, in the order of its rows.
struct Walked {
  std::string rows;
  Stamp etag;
  Stamp last_etag;
  std::int64_t live = 0;
  std::int64_t marked = 0;
};

Walked walk(Sites& sites) {
  return sites.run<Walked>([](const PassContext& with) -> Task<Walked> {
    kinto::Listing everything;
    everything.since = before_all;
    everything.stamps_only = true;
    Side side(with.master, kinto::records_path(the_collection), std::move(everything),
              with.background);
    Walked out;
    while (true) {
      if (side.needs_page()) {
        const auto loaded = co_await side.load();
        CHECK(loaded.has_value());
        if (!loaded) break;
      }
      if (side.ended()) break;
      const Row row = side.row();
      out.rows += (out.rows.empty() ? "" : ", ") + std::string(row.id) + " " +
                  std::to_string(row.stamp.ms - test::epoch) + (row.tombstone ? " gone" : "");
      side.advance();
    }
    out.etag = side.reader().etag();
    out.last_etag = side.reader().last_etag();
    out.live = side.reader().live();
    out.marked = side.reader().marked();
    co_return out;
  });
}

}  // namespace

TEST_CASE("a walk meets every row once, in the order of stamps, on pages of any size") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (const std::int64_t page : {1, 2, 3, 5, 0}) {
      CAPTURE(page);
      Sites sites(profile, profile);
      sites.master.kinto.options().paginate_by = page;
      sites.master.hold("e 10, x 20 gone, a 30, d 40, y 50 gone");
      const Walked all = walk(sites);
      CHECK(all.rows == "e 10, x 20 gone, a 30, d 40, y 50 gone");
      CHECK(all.live == 3);
      CHECK(all.marked == 0);
      CHECK(all.etag == at(50));
      CHECK(all.last_etag == at(50));
    }
  }
}

TEST_CASE("records that share a stamp are told apart at a page's edge") {
  Sites sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 7, z 90, b 7, y 91, c 7, x 92, d 7, w 93, e 7");
  CHECK(walk(sites).rows == "a 7, b 7, c 7, d 7, e 7, z 90, y 91, x 92, w 93");
}

TEST_CASE("a live record that says deleted is counted as one, and as marked") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Sites sites(profile, profile);
    sites.master.put("a", 10, R"("deleted":true)");
    sites.master.put("b", 20, R"("deleted":true,"n":1)");
    sites.master.hold("c 30, x 40 gone");
    const Walked all = walk(sites);
    CHECK(all.rows == "a 10, b 20, c 30, x 40 gone");
    CHECK(all.live == 3);
    CHECK(all.marked == 2);  // which a list of stamps does not show, but for the member itself
  }
}

TEST_CASE("the ETag is the first page's, and another one of the last page says that it moved") {
  Sites sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 10, b 20, c 30");
  sites.master.meanwhile(
      lists, [&] { sites.master.hold("a 40, d 50"); }, 2);
  const Walked all = walk(sites);
  CHECK(all.rows == "a 10, b 20, c 30, a 40, d 50");
  CHECK(all.etag == at(30));
  CHECK(all.last_etag == at(50));
}

TEST_CASE("the next page is asked for while the caller works on this one") {
  Sites sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 10, b 20, c 30");
  const int asked = sites.run<int>([&sites](const PassContext& with) -> Task<int> {
    kinto::Listing everything;
    everything.since = before_all;
    ListingReader reader(with.master, kinto::records_path(the_collection), std::move(everything),
                         with.background);
    const auto page = co_await reader.next();
    REQUIRE(page.has_value());
    (void)co_await with.replica.healthy();  // whatever takes as long as a request
    co_return sites.master.asked(lists);
  });
  CHECK(asked == 2);
}

}  // namespace kinto_mirror::sync
