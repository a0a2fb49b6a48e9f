#include "sync/dump/question.hpp"

#include "kinto/server.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync::dump {

namespace {

Question asked(const kinto::Listing& listing) {
  const CollectionId id("b", "c d");
  const auto question = read_question("/v1" + kinto::records_path(id) + kinto::query_of(listing));
  REQUIRE(question);
  CHECK(question->path == "/buckets/b/collections/c d/records");
  return *question;
}

}  // namespace

TEST_CASE("what a client asks is understood as it was meant") {
  kinto::Listing all;
  all.since = before_all;
  all.stamps_only = true;
  all.limit = 10;
  Question question = asked(all);
  CHECK(question.with_tombstones);
  CHECK(!question.since);
  CHECK(question.stamps_only);
  CHECK(question.limit == 10);
  CHECK(!question.by_id);

  kinto::Listing stretch;
  stretch.since = Stamp{5};
  stretch.before = Stamp{9};
  stretch.from.token = "17";
  question = asked(stretch);
  CHECK(question.since == Stamp{5});
  CHECK(question.before == Stamp{9});
  CHECK(question.from == 17);
  CHECK(question.with_tombstones);

  kinto::Listing names;
  names.by_id = true;
  names.from.id = "a\n\"b";
  question = asked(names);
  CHECK(question.by_id);
  CHECK(question.behind_id == "a\n\"b");
  CHECK(!question.with_tombstones);

  kinto::Listing some;
  some.ids = {"x", "y\n"};
  CHECK(asked(some).ids == some.ids);
  some.ids = {"paris,texas"};
  CHECK(asked(some).ids == some.ids);

  kinto::Listing marked;
  marked.with_deleted_field = true;
  CHECK(asked(marked).marked_only);
}

TEST_CASE("what cannot be asked is nothing") {
  for (const char* const target :
       {"/v1/buckets?_since=x", "/v1/buckets?_limit=-1", "/v2/buckets", "no target",
        "/v1/buckets?in_id=1,2", "/v1/buckets?_token=abc"}) {
    CAPTURE(target);
    CHECK(!read_question(target));
  }
  CHECK(read_question("/v1/")->path == "/");
}

}  // namespace kinto_mirror::sync::dump
