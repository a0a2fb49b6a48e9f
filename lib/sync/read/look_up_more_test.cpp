// Look-ups on a Kinto of the model.
#include "sync/read/look_up.hpp"
#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::run;
using test::Sites;
using test::the_collection;

const std::string lists = test::lists_of(the_collection);

}  // namespace

TEST_CASE("an answer of before is believed where it does no harm, and nowhere else") {
  for (const Word word : {Word::any, Word::of_now}) {
    Sites sites;
    sites.master.hold("a 10");
    sites.master.on(lists, [] {
      return test::Site::Answer(
          http::Response{200, {{"Age", "60"}}, R"({"data":[{"id":"a","last_modified":10}]})"});
    });
    std::vector<std::string> ids{"a"};
    const auto found = run(look_up(sites.from_master, the_collection, ids, With::stamps, word));
    REQUIRE(found.has_value() == (word == Word::any));
    if (!found) CHECK(found.error().code == Errc::unproven);
  }
}

TEST_CASE("ids that only look like others are asked for as they are") {
  Sites sites;
  sites.master.hold("1 10, a 20, a-b_c 30");
  std::vector<std::string> ids{"1", "a", "a-b_c", "true"};
  const auto found = run(look_up(sites.from_master, the_collection, ids, With::bodies));
  REQUIRE(found.has_value());
  CHECK(found->size() == 3);
  CHECK(found->at("1").record.find("\"n\":10") != std::string::npos);
}

TEST_CASE("where a list of ids is refused they are asked for in halves, down to one by one") {
  for (const int status : {400, 414, 403}) {
    CAPTURE(status);
    Sites sites;
    sites.master.hold("a 10, b 20, c 30");
    sites.master.block("in_id=", status, 1, test::always);
    std::vector<std::string> ids{"a", "b", "c"};
    const auto found = run(look_up(sites.from_master, the_collection, ids, With::stamps));
    REQUIRE(found.has_value());
    CHECK(found->size() == 3);
  }
}

}  // namespace kinto_mirror::sync
