#include "sync/dump/file_kinto.hpp"

#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"
#include "sync/dump/test_folder.hpp"
#include "sync/dump/test_text.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

using kinto::Listing;
using test::Folder;

const CollectionId the_id("main", "x");
const std::string records = kinto::records_path(the_id);

// A file with records, which stands as a server.
class Standing {
 public:
  explicit Standing(const std::string& data)
      : Standing("r.json", "{\"data\":[" + data + "],\"timestamp\":90000}") {}
  Standing(const std::string& name, const std::string& text) {
    file = folder.write(name, text);
    auto contents = read_contents(file, the_id);
    if (contents.has_error()) FAIL(contents.error().message);
    kinto::ServerConfig config;
    config.name = "dump";
    config.url = "file:r";
    config.base_path = "/v1";
    server = std::make_unique<kinto::Server>(
        config, std::make_unique<FileKinto>(std::move(*contents)), clock, stop);
    const auto hello = kinto::test::run(server->hello());
    REQUIRE(hello.has_value());
    CHECK(hello->read_only);
    CHECK(hello->date > Stamp{});
  }

  // "a10 b20", to the end.
  std::string listed(Listing listing, const std::string& path = records) {
    std::string out;
    do {
      auto page = kinto::test::run(server->list(path, listing));
      if (page.has_error()) return page.error().message;
      CHECK(page->stored.empty());
      for (const kinto::Entry& entry : page->entries) {
        out += (out.empty() ? "" : " ") + entry.id + std::to_string(entry.stamp.ms);
      }
      listing.from = std::move(page->next);
    } while (!listing.from.empty());
    return out;
  }

  Folder folder;
  std::string file;
  kinto::test::FakeClock clock;
  Stop stop;
  std::unique_ptr<kinto::Server> server;
};

std::string some(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(100 + i);
    out += i > 0 ? "," : "";
    out += R"({"id":"r)" + n + R"(","last_modified":)" + std::to_string(10 * (i + 1));
    out += R"(,"n":)" + n + "}";
  }
  return out;
}

}  // namespace

TEST_CASE("a file answers as a server does: lists") {
  Standing standing(some(5));
  Listing all;
  CHECK(standing.listed(all) == "r10010 r10120 r10230 r10340 r10450");
  all.limit = 2;
  all.since = before_all;
  CHECK(standing.listed(all) == "r10010 r10120 r10230 r10340 r10450");
  all.stamps_only = true;
  CHECK(standing.listed(all) == "r10010 r10120 r10230 r10340 r10450");
  Listing part;
  part.since = Stamp{10};
  part.before = Stamp{40};
  CHECK(standing.listed(part) == "r10120 r10230");
  part.since = before_all;
  part.before = Stamp{std::numeric_limits<std::int64_t>::min()};
  CHECK(standing.listed(part).empty());
  Listing named;
  named.ids = {"r104", "none", "r101"};
  CHECK(standing.listed(named) == "r10120 r10450");
  named.ids = {"r103"};
  CHECK(standing.listed(named) == "r10340");
  Listing by_id;
  by_id.by_id = true;
  by_id.limit = 2;
  CHECK(standing.listed(by_id) == "r10010 r10120 r10230 r10340 r10450");
  Listing marked;
  marked.with_deleted_field = true;
  CHECK(standing.listed(marked).empty());
}

TEST_CASE("a file answers as a server does: bodies, counts, single objects") {
  Standing standing(R"({"id":"a","last_modified":5,"n":949.3012028926441,"deleted":false},)" +
                    some(3));
  Listing all;
  all.since = before_all;
  const auto page = kinto::test::run(standing.server->list(records, all));
  REQUIRE(page.has_value());
  CHECK(page->entries[0].raw ==
        R"({"id":"a","last_modified":5,"n":949.3012028926441,"deleted":false})");
  const auto count = kinto::test::run(standing.server->count(records));
  REQUIRE(count.has_value());
  CHECK(count->live == 4);
  CHECK(count->etag == Stamp{90000});
  CHECK(kinto::test::run(standing.server->count_of(records, {"a", "q"}))->live == 1);
  Listing marked;
  marked.with_deleted_field = true;
  CHECK(standing.listed(marked) == "a5");
  const auto object = kinto::test::run(standing.server->object(kinto::record_path(the_id, "r101")));
  REQUIRE(object.has_value());
  CHECK(object->entries[0].stamp == Stamp{20});
  const auto absent = kinto::test::run(standing.server->look(kinto::record_path(the_id, "q")));
  REQUIRE(absent.has_value());
  CHECK(absent->status == 404);
  CHECK(absent->error_number == 110);
  CHECK(!absent->in_front);
  CHECK(kinto::test::run(standing.server->buckets())->ids == std::vector<std::string>{"main"});
  CHECK(kinto::test::run(standing.server->collections("main"))->ids ==
        std::vector<std::string>{"x"});
  CHECK(kinto::test::run(standing.server->collections("q")).error().code == Errc::not_found);
}

TEST_CASE("tombstones and containers are answered for as Kinto does") {
  Standing standing("d", test::dump_of(test::the_lines(), test::the_totals()));
  const CollectionId id("b", "c");
  const std::string path = kinto::records_path(id);
  Listing live;
  CHECK(standing.listed(live, path) == "r10");
  Listing all;
  all.since = before_all;
  CHECK(standing.listed(all, path) == "r10 s12");
  all.stamps_only = true;
  const auto page = kinto::test::run(standing.server->list(path, all));
  REQUIRE(page.has_value());
  CHECK(page->etag == Stamp{13});
  CHECK(!page->entries[0].deleted);
  CHECK(page->entries[1].deleted);
  CHECK(!page->entries[1].has_other_members);
  CHECK(kinto::test::run(standing.server->count(path))->live == 1);
  CHECK(kinto::test::run(standing.server->object(kinto::record_path(id, "s"))).error().code ==
        Errc::not_found);
  CHECK(standing.listed(all, kinto::collections_path("b")) == "c2 d3");
  CHECK(kinto::test::run(standing.server->collections("b"))->ids == std::vector<std::string>{"c"});
  const auto bucket = kinto::test::run(standing.server->look("/buckets/b"));
  REQUIRE(bucket.has_value());
  CHECK(bucket->object == R"({"id":"b","last_modified":1})");
  CHECK(bucket->permissions == R"({"write":["u"]})");
  CHECK(kinto::test::run(standing.server->look("/buckets/b/collections/c"))->permissions == "{}");
}

TEST_CASE("a file that is changed behind its verification is not read on") {
  const std::string text = test::dump_of(test::the_lines(), test::the_totals());
  Standing standing("d", text);
  const std::string path = kinto::records_path(CollectionId("b", "c"));
  Listing all;
  CHECK(standing.listed(all, path) == "r10");
  standing.folder.write("d", text + "\n");
  CHECK(standing.listed(all, path).find("was changed after it had been verified") !=
        std::string::npos);
}

TEST_CASE("a long list comes in pages") {
  Standing standing(some(12'000));
  Listing all;
  const auto page = kinto::test::run(standing.server->list(records, all));
  REQUIRE(page.has_value());
  CHECK(page->entries.size() == 10'000);
  CHECK(!page->next.empty());
}

TEST_CASE("a file takes no writes, and tells no identity, so that none is looked for") {
  Standing standing(some(1));
  kinto::Subrequest put("PUT", kinto::record_path(the_id, "r"));
  put.data = "{}";
  const auto written = kinto::test::run(standing.server->send_alone(put));
  REQUIRE(written.has_value());
  CHECK(written->status == 405);
  const auto identity =
      kinto::test::run(standing.server->object("/buckets/kinto-mirror/collections/identity"));
  REQUIRE(identity.has_error());
  CHECK(identity.error().code == Errc::rejected);
}

TEST_CASE("its clock stands, and is not taken for an old answer") {
  Standing standing(some(3));
  for (int i = 0; i < 5; ++i) {
    (void)kinto::test::run([](Standing& at) -> Task<bool> {
      co_await at.clock.sleep(Millis{60'000}, at.stop);
      co_return true;
    }(standing));
    Listing all;
    CHECK(standing.listed(all) == "r10010 r10120 r10230");
  }
}

}  // namespace kinto_mirror::sync::dump
