// What an audit does not conclude: from lists of a part, old answers, and servers that fail in the
// middle of it. Between two Kintos of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::said;
using test::Site;

const std::string lists = test::lists_of(test::the_collection);
const std::string held = "a 10, b 20, c 30, d 40, x 70";

// An exact mirror, where a list that is taken for the whole would cost the replica c, d and x.
struct Exact : Passes {
  Exact() {
    options.extras = Extras::remove;
    options.max_delete = {true, 100};
    from_master.set_patience(Millis{0});
    to_replica.set_patience(Millis{0});
    for (Site* const site : {&master, &replica}) site->kinto.options().paginate_by = 2;
    master.hold("a 10, b 20, c 30, d 40");
    replica.hold(held);
  }
};

// An answer of the model, changed.
std::function<Site::Answer()> changed(Site& site, const std::string& path,
                                      const std::function<void(http::Response&)>& how) {
  return [&site, path, how]() -> Site::Answer {
    http::Response response = site.kinto.answer(Site::request("GET", path));
    how(response);
    return response;
  };
}

std::function<Site::Answer()> empty_page(Site& site) {
  return changed(site, test::records_of(test::the_collection), [](http::Response& response) {
    response.body = R"({"data":[]})";
    std::erase_if(response.headers, [](const auto& one) { return one.first == "Next-Page"; });
  });
}

std::function<Site::Answer()> stored_page(Site& site) {
  return changed(site, test::records_of(test::the_collection) + "?_since=0&_sort=last_modified",
                 [](http::Response& response) { response.headers.emplace_back("Age", "60"); });
}

}  // namespace

TEST_CASE("nothing is deleted, and nothing is called in sync, where the whole was not seen") {
  struct Case {
    std::string what;
    std::function<void(Exact&)> happens;
    Errc code;
    std::string words;  // of the error
  };
  const std::vector<Case> cases{
      {"the master's list is short",
       [](Exact& s) { s.master.on(lists, empty_page(s.master), 2, 9); }, Errc::unproven,
       "was short: 2 records were listed, and the server counts 4"},
      {"the replica's list is short",
       [](Exact& s) { s.replica.on(lists, empty_page(s.replica), 2, 9); }, Errc::unproven,
       "the list of b/c was short: 2 records were listed"},
      {"the master's list was stored on its way",
       [](Exact& s) {
         s.master.kinto.options().paginate_by = 0;
         s.master.on(lists, stored_page(s.master));
       },
       Errc::unproven, "the answer was stored by a cache (Age: 60)"},
      {"the replica's list was stored on its way",
       [](Exact& s) {
         s.replica.kinto.options().paginate_by = 0;
         s.replica.on(lists, stored_page(s.replica));
       },
       Errc::unproven, "the answer was stored by a cache (Age: 60)"},
      {"the user may not read the master's", [](Exact& s) { s.master.allow(""); }, Errc::forbidden,
       "403"},
      {"the right is lost behind the first page",
       [](Exact& s) {
         s.master.meanwhile(
             lists, [&s] { s.master.allow(""); }, 2);
       },
       Errc::forbidden, "403"},
      {"the right is lost behind the last one",
       [](Exact& s) {
         s.master.meanwhile(
             test::counting, [&s] { s.master.allow(""); }, 2);
       },
       Errc::forbidden, "403"},
      {"all but a part is hidden behind the last one",
       [](Exact& s) {
         s.master.meanwhile(
             test::counting,
             [&s] {
               s.master.allow("");
               s.master.admin("PATCH", "/buckets/b/collections/c",
                              R"({"permissions":{"record:create":["system.Authenticated"]}})");
             },
             2);
       },
       Errc::forbidden, "shows only a part"},
      {"it is another 404 that says that a record is not there",
       [](Exact& s) {
         s.master.on(test::counting, changed(s.master, "/", [](http::Response& response) {
                       response.status = 200;
                       response.body = R"({"responses":[{"status":200,"body":{},"headers":)"
                                       R"({"ETag":"\"1700000000040\"","Total-Objects":"4"}},)"
                                       R"({"status":404,"body":{"errno":111},"headers":{}}]})";
                     }));
       },
       Errc::unproven, "does not tell whether it shows the whole"},
      {"the master fails in the middle",
       [](Exact& s) { s.master.fail(lists, Errc::unreachable, 2, 99); }, Errc::unreachable,
       "told so by the test"},
      {"the replica fails in the middle",
       [](Exact& s) { s.replica.fail(lists, Errc::unreachable, 2, 99); }, Errc::unreachable,
       "told so by the test"},
      {"the master is gone before", [](Exact& s) { s.master.remove(); }, Errc::not_found, "404"},
      {"the master is gone behind the first page",
       [](Exact& s) {
         s.master.meanwhile(
             lists, [&s] { s.master.remove(); }, 2);
       },
       Errc::not_found, "404"},
      {"the daemon is to stop",
       [](Exact& s) {
         s.master.meanwhile(
             lists, [&s] { s.stop.request(); }, 2);
       },
       Errc::stopped, "stopped"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Exact sites;
    c.happens(sites);
    const AuditResult result = sites.audit();
    REQUIRE(result.report.error);
    CAPTURE(result.report.error->message);
    CHECK(result.report.error->code == c.code);
    CHECK(result.report.error->message.find(c.words) != std::string::npos);
    CHECK(result.report.state != State::in_sync);
    CHECK(sites.replica.holds() == held);
  }
}

TEST_CASE("a collection that the master does not show is told apart from one that failed") {
  for (const bool gone : {false, true}) {
    Exact sites;
    if (gone) {
      sites.master.remove();
    } else {
      sites.master.allow("");
    }
    const AuditResult result = sites.audit();
    CHECK(result.report.state == State::not_shown);
    CHECK(result.report.found.extra == 5);  // all that the replica has
    CHECK(sites.replica.holds() == held);
  }
}

TEST_CASE("whoever is shown a part of the collection is told which right he needs") {
  struct Case {
    std::string what;
    std::string path;
    std::string body;
  };
  // To whoever may create records, or read some, Kinto lists those, or none: with status 200.
  const std::vector<Case> cases{
      {"may create records", "/buckets/b/collections/c",
       R"({"permissions":{"record:create":["system.Authenticated"]}})"},
      {"may read one", "/buckets/b/collections/c/records/a",
       R"({"permissions":{"read":["system.Authenticated"]}})"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Exact sites;
    sites.master.allow("");
    sites.master.admin("PATCH", c.path, c.body);
    const AuditResult result = sites.audit();
    REQUIRE(result.report.error);
    CHECK(result.report.error->code == Errc::forbidden);
    CHECK(result.report.error->message.find("shows only a part of b/c; give its user the right to "
                                            "read the whole collection") != std::string::npos);
    CHECK(sites.replica.bodies().size() == 5);
  }
}

TEST_CASE("a right that is lost before the walk and given back behind it deletes nothing") {
  Exact sites;
  sites.master.allow("");
  sites.master.admin("PATCH", "/buckets/b/collections/c",
                     R"({"permissions":{"record:create":["system.Authenticated"]}})");
  sites.master.meanwhile(
      test::counting, [&] { sites.master.allow("read"); }, 2);
  const AuditResult result = sites.audit();
  REQUIRE(result.report.error);
  CHECK(result.report.error->code == Errc::forbidden);
  CHECK(sites.replica.holds() == held);
}

TEST_CASE("what a short or an old list does show is copied all the same") {
  for (const bool old : {false, true}) {
    CAPTURE(old);
    Exact sites;
    sites.master.hold("b 25");
    if (old) sites.master.kinto.options().paginate_by = 0;
    sites.master.on(lists, old ? stored_page(sites.master) : empty_page(sites.master), old ? 1 : 2);
    const AuditResult result = sites.audit();
    REQUIRE(result.report.error);
    CHECK(result.report.error->code == Errc::unproven);
    CHECK(result.report.written.deleted == 0);
    CHECK(sites.replica.bodies().at("b") == sites.master.bodies().at("b"));
  }
}

TEST_CASE("a batch that fails ends the audit, and nothing newer is written") {
  Passes sites;
  sites.to_replica.set_patience(Millis{0});
  sites.master.fill(80, 1000);
  sites.replica.hold("z 5");
  sites.replica.meanwhile(
      "\"PUT\"", [&] { sites.replica.fail("", Errc::unreachable, 1, 99); }, 2);
  const AuditResult result = sites.audit();
  REQUIRE(result.report.error);
  CHECK(result.report.error->code == Errc::unreachable);
  CHECK(result.report.written.created == 25);
  CHECK(sites.replica.bodies().size() == 26);
  CHECK(sites.replica.bodies().contains("r124"));
  CHECK_FALSE(sites.replica.bodies().contains("r125"));
  sites.replica.recover();
  CHECK(said(sites.audit().report) == "load in-sync +55 ~0 -0, extra 1");
}

}  // namespace kinto_mirror::sync
