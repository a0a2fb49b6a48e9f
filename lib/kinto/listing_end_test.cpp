// Where a list ends, and what its answer is worth.
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::Bench;
using test::run;

std::string rows(const std::vector<std::pair<std::string, int>>& all) {
  std::string out;
  for (const auto& [id, stamp] : all) {
    out += out.empty() ? "" : ",";
    out += R"({"id":")" + id + R"(","last_modified":)" + std::to_string(stamp) + "}";
  }
  return R"({"data":[)" + out + "]}";
}

Listing changes(std::int64_t limit = 0) {
  Listing listing;
  listing.since = Stamp{5};
  listing.limit = limit;
  return listing;
}

const http::Headers dated{{"Date", "Sat, 28 Nov 2026 12:00:00 GMT"}};

http::Headers with(http::Headers more) {
  more.insert(more.end(), dated.begin(), dated.end());
  return more;
}

}  // namespace

TEST_CASE("a full page without a Next-Page is no end, as old Kintos end a list early") {
  Bench bench;
  bench.script.answer(200, rows({{"a", 7}, {"b", 9}, {"c", 9}}), dated)
      .answer(200, rows({{"b", 9}, {"c", 9}, {"d", 9}}), dated)
      .answer(200, rows({{"b", 9}, {"c", 9}}), dated);
  Listing listing = changes(3);
  auto page = run(bench.server.list("/x", listing));
  REQUIRE(page.has_value());
  CHECK(page->next.token.empty());
  CHECK(page->next.stamp == Stamp{9});
  CHECK(page->next.listed == std::vector<std::string>{"b", "c"});

  listing.from = page->next;
  page = run(bench.server.list("/x", listing));
  REQUIRE(page.has_value());
  CHECK(bench.request(1).target == "/v1/x?_sort=last_modified,id&_since=8&_limit=3");
  REQUIRE(page->entries.size() == 1);
  CHECK(page->entries.front().id == "d");

  listing.from.listed = {"b", "c"};
  page = run(bench.server.list("/x", listing));
  REQUIRE(page.has_value());
  CHECK(page->entries.empty());
  CHECK(page->next.empty());
}

TEST_CASE("where a page may be the last one") {
  struct Case {
    Listing listing;
    http::Headers headers;
    bool goes_on;
  };
  Listing live;
  live.limit = 2;
  Listing some = changes();
  some.ids = {"a", "b"};
  const std::vector<Case> cases{
      {changes(2), dated, true},
      {changes(3), dated, false},
      {changes(), dated, false},
      // A Kinto that tells the total with each list leaves out the tombstones when it counts.
      {changes(3), with({{"Total-Records", "2"}}), true},
      // Without tombstones its total is right; nor can more come than was asked for.
      {live, with({{"Total-Records", "2"}}), false},
      {some, with({{"Total-Records", "2"}}), false},
  };
  for (const Case& c : cases) {
    Bench bench;
    bench.script.answer(200, rows({{"a", 7}, {"b", 9}}), c.headers);
    const auto page = run(bench.server.list("/x", c.listing));
    REQUIRE(page.has_value());
    CAPTURE(bench.request(0).target);
    CHECK(page->next.empty() != c.goes_on);
  }
}

TEST_CASE("a page as large as one that the server has cut is no end either") {
  Bench bench;
  bench.script.answer(200, rows({{"a", 7}, {"b", 9}}), with({{"Next-Page", "/v1/x?_token=t"}}))
      .answer(200, rows({{"c", 10}, {"d", 11}}), dated)
      .answer(200, rows({{"c", 10}}), dated);
  Listing listing = changes(100);
  auto page = run(bench.server.list("/x", listing));
  REQUIRE(page.has_value());
  listing.from = page->next;
  page = run(bench.server.list("/x", listing));
  REQUIRE(page.has_value());
  CHECK(page->next.listed == std::vector<std::string>{"d"});
  page = run(bench.server.list("/x", changes(100)));
  CHECK(page->next.empty());
}

TEST_CASE("nothing goes on from a stamp that Kinto filters by no more") {
  for (const int stamp : {0, -3}) {
    Bench bench;
    bench.script.answer(200, rows({{"a", stamp}}), dated);
    const auto page = run(bench.server.list("/x", changes(1)));
    REQUIRE(page.has_value());
    CHECK(page->next.empty());
  }
}

TEST_CASE("reads say that no old answer will do, and an old one is marked") {
  Bench bench;
  bench.script.answer(200, rows({}), with({{"Age", "3"}}));
  const auto page = run(bench.server.list("/x", changes()));
  REQUIRE(page.has_value());
  CHECK(http::find_header(bench.request(0).headers, "Cache-Control") == "no-cache");
  CHECK(page->stored == "Age: 3");
}

TEST_CASE("a list with an ETag of before the last count is old") {
  const auto etag = [](std::string_view value) { return with({{"ETag", std::string(value)}}); };
  const std::string counted =
      R"({"responses":[{"status":200,"path":"/v1/x","headers":{"ETag":"\"90\"","Total-Records":"4"},"body":{}}]})";
  Bench bench;
  bench.script.answer(200, counted, dated)
      .answer(200, rows({}), etag("\"80\""))
      .answer(200, rows({}), etag("\"90\""))
      .answer(200, rows({}), etag("\"95\""));
  const auto count = run(bench.server.count("/x"));
  REQUIRE(count.has_value());
  CHECK(count->live == 4);
  CHECK(bench.request(0).method == "POST");
  CHECK_FALSE(run(bench.server.list("/x", changes()))->stored.empty());
  CHECK(run(bench.server.list("/x", changes()))->stored.empty());
  CHECK(run(bench.server.list("/x", changes()))->stored.empty());
}

TEST_CASE("a server that takes no batches is asked for a count plainly, from then on") {
  Bench bench;
  const auto counted = with({{"ETag", "\"90\""}, {"Total-Objects", "4"}});
  bench.script.answer(405, R"({"errno":115})").answer(200, "", counted).answer(200, "", counted);
  CHECK(run(bench.server.count("/x"))->live == 4);
  CHECK(run(bench.server.count("/x"))->live == 4);
  REQUIRE(bench.script.seen.size() == 3);
  CHECK(bench.request(2).method == "HEAD");
}

TEST_CASE("a short page in a batch is the whole only where nothing says that more may follow") {
  const std::string two = R"({"data":[{"id":"a","last_modified":7},{"id":"b","last_modified":8}]})";
  const auto answered = [](const std::string& headers, const std::string& body) {
    Bench bench;
    bench.script.answer(200, R"({"responses":[{"status":200,"headers":{"ETag":"\"9\"")" + headers +
                                 R"(},"body":)" + body + "}]}");
    const std::vector<std::string> paths{"/x"};
    const std::vector<Stamp> since{Stamp{5}};
    auto recent = run(bench.server.recent(paths, since));
    REQUIRE(recent.has_value());
    REQUIRE(recent->size() == 1);
    CHECK(bench.request(0).body.find("_since=5") != std::string::npos);
    return std::move(recent->front());
  };
  const auto whole = answered("", two);
  REQUIRE(whole);
  CHECK(whole->whole);
  CHECK(whole->page.etag == Stamp{9});
  CHECK(whole->page.entries.size() == 2);
  CHECK(whole->page.entries.back().id == "b");
  CHECK_FALSE(answered(R"(,"Next-Page":"http://k/v1/x?_token=t")", two)->whole);
  CHECK_FALSE(answered(R"(,"Total-Records":"2")", two)->whole);
  CHECK(answered(R"(,"Total-Records":"2")", R"({"data":[]})")->whole);
  CHECK_FALSE(answered("", "{}"));
}

TEST_CASE("an answer that looks old is believed only where the server's clock was set back") {
  const http::Headers earlier{{"Date", "Sat, 28 Nov 2026 11:50:00 GMT"}};
  for (const bool set_back : {true, false}) {
    Bench bench;
    bench.script.answer(200, rows({}), dated)
        .answer(200, rows({}), earlier)
        .answer(200, R"({"responses":[]})", set_back ? earlier : dated);
    CHECK(run(bench.server.list("/x", changes()))->stored.empty());
    CHECK(run(bench.server.list("/x", changes()))->stored.empty() == set_back);
    CHECK(bench.request(2).method == "POST");
  }
}

TEST_CASE("a list is old by what was told before it was asked for, not while it was under way") {
  for (const bool before : {true, false}) {
    CAPTURE(before);
    Bench bench;
    bool asks = !before;
    bench.script.counts(1, 20).answer(200, rows({{"a", 7}}), with({{"ETag", "\"10\""}}));
    bench.script.on_answer = [&bench, &asks] {
      if (std::exchange(asks, false)) CHECK(run(bench.server.count("/x")).has_value());
    };
    if (before) CHECK(run(bench.server.count("/x")).has_value());
    const auto page = run(bench.server.list("/x", changes()));
    REQUIRE(page.has_value());
    CHECK(page->stored.empty() == !before);
  }
}

TEST_CASE("names are read on behind a page that has no Next-Page, until nothing new comes") {
  std::vector<std::string> notices;
  Bench bench([&notices](const std::string& text) { notices.push_back(text); });
  const http::Headers nine = with({{"ETag", "\"9\""}});
  bench.script
      .answer(405)  // a batch that would tell whether they are few
      .answer(200, rows({{"a", 7}, {"b", 8}}), nine)
      .answer(200, rows({{"c", 6}}), nine)
      .answer(200, rows({}), nine);
  const auto names = run(bench.server.buckets());
  REQUIRE(names.has_value());
  CHECK(names->ids == std::vector<std::string>{"a", "b", "c"});
  CHECK(bench.request(2).target == "/v1/buckets?_sort=id&gt_id=%22b%22&_fields=deleted");
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].find("Next-Page") != std::string::npos);
}

TEST_CASE("names that were read to the end need no second request while their ETag stays") {
  Bench bench;
  const http::Headers nine = with({{"ETag", "\"9\""}});
  const std::string one = rows({{"a", 7}});
  const std::string none = rows({});
  bench.script.answer(405).answer(200, one, nine).answer(200, none, nine).answer(200, one, nine);
  CHECK(run(bench.server.buckets())->ids.size() == 1);
  CHECK(run(bench.server.buckets())->ids.size() == 1);
  CHECK(bench.script.seen.size() == 4);
  const http::Headers ten = with({{"ETag", "\"10\""}});
  bench.script.answer(200, one, ten).answer(200, none, ten);
  CHECK(run(bench.server.buckets())->ids.size() == 1);
  CHECK(bench.script.seen.size() == 6);
}

TEST_CASE("a few names that are as many as are counted come with one request") {
  const std::string head = R"({"status":200,"path":"/v1/buckets","body":"","headers":)";
  const std::string get =
      R"({"status":200,"path":"/v1/buckets","body":{"data":[{"id":"a","last_modified":7}]},)";
  struct Case {
    std::string what;
    std::string of_head;
    std::string of_get;
    bool enough;
  };
  const std::vector<Case> cases{
      {"as many", R"({"ETag":"\"9\"","Total-Objects":"1"})", R"({"ETag":"\"9\""})", true},
      {"fewer", R"({"ETag":"\"9\"","Total-Objects":"2"})", R"({"ETag":"\"9\""})", false},
      {"of two moments", R"({"ETag":"\"9\"","Total-Objects":"1"})", R"({"ETag":"\"10\""})", false},
      {"no count", R"({"ETag":"\"9\""})", R"({"ETag":"\"9\""})", false},
      {"more to come", R"({"ETag":"\"9\"","Total-Objects":"1"})",
       R"({"ETag":"\"9\"","Next-Page":"http://x/v1/buckets?_token=t"})", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Bench bench;
    const http::Headers nine = with({{"ETag", "\"9\""}});
    std::string both = R"({"responses":[)";
    both.append(head).append(c.of_head).append("},");
    both.append(get).append(R"("headers":)").append(c.of_get).append("}]}");
    bench.script.answer(200, both)
        .answer(200, rows({{"a", 7}, {"b", 8}}), nine)
        .answer(200, rows({}), nine);
    const auto names = run(bench.server.buckets());
    REQUIRE(names.has_value());
    CHECK(names->ids.size() == (c.enough ? 1 : 2));
    CHECK(bench.script.seen.size() == (c.enough ? 1 : 3));
    CHECK(bench.request(0).body.find("\"HEAD\",\"path\":\"/buckets\"") != std::string::npos);
  }
}

TEST_CASE("a server that begins its list of names anew is not asked for ever") {
  Bench bench;
  bench.script.answer(405);
  for (int i = 0; i < 2; ++i) bench.script.answer(200, rows({{"a", 7}, {"b", 8}}), dated);
  const auto names = run(bench.server.buckets());
  REQUIRE_FALSE(names.has_value());
  CHECK(names.error().message.find("gt_id is ignored") != std::string::npos);
}

TEST_CASE("a list with fewer live objects than are expected goes on behind its last one") {
  Bench bench;
  bench.script.answer(200, rows({{"a", 7}, {"b", 9}}), dated)
      .answer(200, rows({{"a", 7}, {"b", 9}}), dated);
  Listing listing = changes();
  listing.expected = 3;
  auto page = run(bench.server.list("/x", listing));
  CHECK(page->next.stamp == Stamp{9});
  listing.expected = 2;
  page = run(bench.server.list("/x", listing));
  CHECK(page->next.empty());

  // Of what is asked for behind `a`, only `b` is new.
  bench.script.answer(200, rows({{"a", 7}, {"b", 9}}), dated);
  listing.from.stamp = Stamp{7};
  listing.from.listed = {"a"};
  page = run(bench.server.list("/x", listing));
  CHECK(page->next.stamp == Stamp{9});
}

TEST_CASE("the ETag of a list that lost it is asked for in a batch, before the list") {
  std::vector<std::string> notices;
  Bench bench([&notices](const std::string& text) { notices.push_back(text); });
  for (int i = 0; i < 3; ++i) bench.script.answer(200, rows({{"a", 7}}), dated);
  for (int i = 0; i < 3; ++i) CHECK(run(bench.server.list("/x", changes()))->etag == Stamp{});
  bench.script.counts(1, 9).answer(200, rows({{"a", 7}}), dated);
  CHECK(run(bench.server.list("/x", changes()))->etag == Stamp{9});
  CHECK(bench.request(3).method == "POST");
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].find("without an ETag") != std::string::npos);
  // Its own counts again, once it comes.
  bench.script.counts(1, 9).answer(200, rows({{"a", 7}}), with({{"ETag", "\"9\""}}));
  CHECK(run(bench.server.list("/x", changes()))->etag == Stamp{9});
  bench.script.answer(200, rows({{"a", 7}}), with({{"ETag", "\"9\""}}));
  CHECK(run(bench.server.list("/x", changes()))->etag == Stamp{9});
  CHECK(bench.script.seen.size() == 8);
}

}  // namespace kinto_mirror::kinto
