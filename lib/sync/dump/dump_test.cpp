#include "sync/dump/dump.hpp"

#include "sync/dump/contents.hpp"
#include "sync/dump/test_folder.hpp"
#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

using test::Folder;
using namespace kinto_mirror::sync::test;

// A master of the model, and dumps of it.
class Source {
 public:
  explicit Source(Profile profile = Profile::postgresql) : sites(profile) {}

  Result<Dumped> dump(std::vector<std::string> patterns = {"*/*"}, const std::string& name = "d") {
    auto output = Output::open(folder.path(name));
    REQUIRE(output.has_value());
    const Scope scope(patterns);
    return sites.run<Result<Dumped>>([&](const PassContext& context) -> Task<Result<Dumped>> {
      Job job{context.master, **output, context.clock, context.stop, context.background, {}, {}};
      job.progress = [](const CollectionId&, std::int64_t, std::int64_t) {};
      job.notice = [this](std::string_view message) { notices.emplace_back(message); };
      co_return co_await make_dump(job, scope, patterns);
    });
  }

  // "a 10, b 20 gone" of the file, as Site::holds() tells it of a server.
  std::string held(const std::string& name = "d") {
    const auto read = read_contents(folder.path(name), {});
    if (read.has_error()) FAIL(read.error().message);
    const Shelf& shelf = read->endpoints.at(Contents::of_records(the_collection)).shelf;
    std::map<std::string, std::string> by_id;
    for (std::size_t i = 0; i < shelf.size(); ++i) {
      by_id[std::string(shelf.id(i))] =
          std::to_string(shelf.item(i).stamp.ms - epoch) + (shelf.item(i).deleted ? " gone" : "");
    }
    std::string out;
    for (const auto& [id, what] : by_id) {
      out += out.empty() ? "" : ", ";
      out += id;
      out += ' ';
      out += what;
    }
    return out;
  }

  Folder folder;
  Sites sites;
  std::vector<std::string> notices;
};

const std::string pages = lists_of(the_collection);
const std::string count_of_records = R"("method":"HEAD","path":")" + records_of(the_collection);

}  // namespace

TEST_CASE("a dump holds what the master holds, and says so") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Source source(profile);
    source.sites.master.hold("a 10, b 20, c 30, x 40 gone");
    const auto made = source.dump();
    if (made.has_error()) FAIL(made.error().message);
    CHECK(source.held() == source.sites.master.holds());
    REQUIRE(made->sections.size() == 1);
    CHECK(made->sections[0].records == 3);
    CHECK(made->sections[0].tombstones == 1);
    CHECK(made->sections[0].etag == at(source.sites.master.etag()));
    CHECK(made->totals.records == 3);
    CHECK(made->buckets == 1);
    CHECK(made->collections == 1);
    CHECK(source.sites.master.asked("PUT") == 0);
    CHECK(source.sites.replica.seen.empty());
  }
}

TEST_CASE("a live record with a member `deleted` is no tombstone") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Source source(profile);
    source.sites.master.put("a", 10, R"("deleted":true)");
    source.sites.master.hold("b 20, x 30 gone");
    const auto made = source.dump();
    if (made.has_error()) FAIL(made.error().message);
    CHECK(source.held() == "a 10, b 20, x 30 gone");
  }
}

TEST_CASE("what is written while a collection is read belongs to it, each record once") {
  for (const std::string name : {"d", "d.gz"}) {
    Source source;
    Site& master = source.sites.master;
    master.fill(1200, 10);
    master.meanwhile(
        pages,
        [&] {
          // One that was read already, one that was not, a new one, and a deletion.
          master.put("r100", 3000, R"("n":1)");
          master.put("r1290", 3001, R"("n":1)");
          master.put("new", 3002, R"("n":1)");
          master.erase("r101", 3003);
        },
        2);
    const auto made = source.dump({"*/*"}, name);
    if (made.has_error()) FAIL(made.error().message);
    CHECK(source.held(name) == master.holds());
    CHECK(made->sections[0].records == 1200);
    CHECK(made->sections[0].tombstones == 1);
    CHECK(made->sections[0].lines > 1201);
  }
}

TEST_CASE("what is written behind the last page is read on") {
  Source source;
  Site& master = source.sites.master;
  master.hold("a 10, b 20");
  // Counted behind the list.
  master.meanwhile(
      count_of_records, [&] { master.put("a", 30, R"("n":1)"); }, 2);
  const auto made = source.dump();
  if (made.has_error()) FAIL(made.error().message);
  CHECK(source.held() == "a 30, b 20");
  CHECK(made->sections[0].lines == 3);
}

TEST_CASE("a collection that never rests is no dump, and leaves no file") {
  Source source;
  Site& master = source.sites.master;
  master.hold("a 10");
  std::int64_t ms = 100;
  master.on(
      count_of_records, [&] { return master.put("a", ++ms, R"("n":1)"), Site::Answer(); }, 1,
      always);
  const auto made = source.dump();
  REQUIRE(made.has_error());
  CHECK(made.error().code == Errc::unproven);
  CHECK(made.error().message.find("without a pause") != std::string::npos);
  CHECK(!source.folder.has("d"));
  CHECK(!source.folder.has("d.part"));
}

TEST_CASE("who is told to stop leaves no file") {
  Source source;
  Site& master = source.sites.master;
  master.fill(1200, 10);
  master.meanwhile(pages, [&] { source.sites.stop.request(); });
  const auto made = source.dump();
  REQUIRE(made.has_error());
  CHECK(made.error().code == Errc::stopped);
  CHECK(!source.folder.has("d"));
  CHECK(!source.folder.has("d.part"));
}

TEST_CASE("a list that is shorter than its count is read anew, and then refused") {
  http::Response empty;
  empty.status = 200;
  empty.body = R"({"data":[]})";
  for (const int times : {1, always}) {
    Source source;
    Site& master = source.sites.master;
    master.hold("a 10, b 20");
    empty.headers = {{"ETag", "\"" + std::to_string(epoch + master.etag()) + "\""}};
    master.on(
        pages, [empty] { return Site::Answer(empty); }, 1, times);
    const auto made = source.dump();
    CHECK(made.has_value() == (times == 1));
    if (made) {
      CHECK(source.held() == "a 10, b 20");
    } else {
      CHECK(made.error().code == Errc::unproven);
      CHECK(made.error().message.find("was short") != std::string::npos);
    }
    CHECK(source.folder.has("d") == made.has_value());
  }
}

TEST_CASE("a row that is newer than the ETag of its page is met twice, and counts once") {
  Source source;
  Site& master = source.sites.master;
  master.hold("a 10");
  // Kinto reads the ETag before the rows: b came in between.
  http::Response early;
  early.status = 200;
  early.headers = {{"ETag", "\"" + std::to_string(epoch + 10) + "\""}};
  early.body = R"({"data":[{"id":"a","last_modified":)" + std::to_string(epoch + 10) +
               R"(},{"id":"b","last_modified":)" + std::to_string(epoch + 20) + "}]}";
  master.on(pages + "_sort=last_modified,id&not_last_modified", [&master, early] {
    master.hold("b 20");
    return Site::Answer(early);
  });
  const auto made = source.dump();
  if (made.has_error()) FAIL(made.error().message);
  CHECK(source.held() == "a 10, b 20");
  CHECK(made->sections[0].lines == 2);
  CHECK(master.asked("_since=" + std::to_string(epoch + 10)) > 0);
  CHECK(master.asked(pages + "_sort=last_modified,id&not_last_modified") == 1);
}

TEST_CASE("a part of a collection is no dump of it") {
  Source source;
  Site& master = source.sites.master;
  master.hold("a 10, b 20");
  master.allow("");
  master.admin("PATCH", "/buckets/b/collections/c",
               R"({"permissions":{"record:create":["system.Authenticated"]}})");
  const auto made = source.dump({"b/c"});
  REQUIRE(made.has_error());
  CHECK(made.error().code == Errc::forbidden);
  CHECK(made.error().message.find("only a part") != std::string::npos);
  CHECK(!source.folder.has("d"));
}

TEST_CASE("where it is not known what there is, there is no dump") {
  Source source;
  source.sites.provide(CollectionId("z", "c"));
  source.sites.master.refuse("POST /v1/batch", 405, 115, 1, always);
  source.sites.master.block("GET /v1/buckets/b/collections?", 403, 1, always);
  const auto made = source.dump({"z/c", "b/x*"});
  REQUIRE(made.has_error());
  CHECK(made.error().code == Errc::turned_away);
  CHECK(!source.folder.has("d"));
}

TEST_CASE("containers come along, with the lists that the user sees") {
  Source source;
  Site& master = source.sites.master;
  master.admin("PUT", "/buckets/b/groups/g", R"({"data":{"members":["u"]}})");
  master.admin("PUT", "/buckets/b/collections/gone");
  master.admin("DELETE", "/buckets/b/collections/gone");
  master.allow("write");
  const auto made = source.dump();
  if (made.has_error()) FAIL(made.error().message);
  CHECK(made->groups == 1);
  const auto read = read_contents(source.folder.path("d"), {});
  REQUIRE(read.has_value());
  CHECK(read->endpoints.at("/buckets/b/groups").shelf.live() == 1);
  const Shelf& collections = read->endpoints.at("/buckets/b/collections").shelf;
  CHECK(collections.live() == 1);
  CHECK(collections.item(*collections.find("gone")).deleted);
  CHECK(read->permissions.contains("/buckets/b"));
}

TEST_CASE("only what is in scope is asked for") {
  Source source;
  source.sites.provide(CollectionId("b", "other"));
  source.sites.provide(CollectionId("z", "c"));
  const auto made = source.dump({"b/c"});
  if (made.has_error()) FAIL(made.error().message);
  const auto read = read_contents(source.folder.path("d"), {});
  REQUIRE(read.has_value());
  CHECK(read->collections == std::vector<std::string>{"b/c"});
  CHECK(read->endpoints.at("/buckets/b/collections").shelf.live() == 1);
  CHECK(!read->endpoints.contains("/buckets/b/collections/other/records"));
  CHECK(!read->endpoints.contains("/buckets/z/collections"));
  const auto none = source.dump({"q/*"}, "none");
  REQUIRE(none.has_error());
  CHECK(!source.folder.has("none"));
}

}  // namespace kinto_mirror::sync::dump
