#include "kinto/server.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::kinto {

TEST_CASE("names are encoded into a path, so that none can leave its segment") {
  const CollectionId plain("b", "c_1-x");
  CHECK(collection_path(plain) == "/buckets/b/collections/c_1-x");
  CHECK(records_path(plain) == "/buckets/b/collections/c_1-x/records");
  CHECK(record_path(plain, "r") == "/buckets/b/collections/c_1-x/records/r");
  const CollectionId odd("a/b", "c?d");
  CHECK(record_path(odd, "a\n") == "/buckets/a%2Fb/collections/c%3Fd/records/a%0A");
  CHECK(record_path(plain, "../x y%\xC3\xA9") ==
        "/buckets/b/collections/c_1-x/records/..%2Fx%20y%25%C3%A9");
}

TEST_CASE("a listing is always in the order of stamps, then ids") {
  CHECK(query_of(Listing()) == "?_sort=last_modified,id");
}

TEST_CASE("a query says what the listing says") {
  Listing listing;
  listing.since = Stamp{0};
  CHECK(query_of(listing) == "?_sort=last_modified,id&_since=0");
  listing.since = Stamp{-1};
  CHECK(query_of(listing) == "?_sort=last_modified,id&not_last_modified=86399999");
  listing.since = Stamp{5};
  listing.before = Stamp{9};
  listing.stamps_only = true;
  listing.limit = 500;
  listing.from.token = "a%3D%3D";  // encoded already, as the server gave it
  CHECK(query_of(listing) ==
        "?_sort=last_modified,id&_since=5&_before=9&_fields=deleted&_limit=500&_token=a%3D%3D");
  // Behind a page that has no Next-Page: its last stamp is listed again.
  listing.from = {};
  listing.from.stamp = Stamp{7};
  listing.from.listed = {"x"};
  listing.before.reset();
  CHECK(query_of(listing) == "?_sort=last_modified,id&_since=6&_fields=deleted&_limit=500");
  // A list of ids is split at commas; one id is not.
  Listing odd;
  odd.ids = {"a,b"};
  CHECK(query_of(odd) == "?_sort=last_modified,id&id=%22a%2Cb%22");
  odd.ids = {"a", "b"};
  CHECK(query_of(odd) == "?_sort=last_modified,id&in_id=%22a%22,%22b%22");
  Listing own;
  own.with_deleted_field = true;
  CHECK(query_of(own) == "?_sort=last_modified,id&has_deleted=true");
}

TEST_CASE("a filter takes stamps from 0 to a day ahead") {
  const Stamp now{1'800'000'000'000};
  CHECK(may_filter_by(Stamp{0}, now));
  CHECK(may_filter_by(now, now));
  CHECK_FALSE(may_filter_by(Stamp{-1}, now));
  CHECK_FALSE(may_filter_by(Stamp{now.ms + 86'400'000}, now));
}

TEST_CASE("ids in a query are quoted strings, since Kinto takes 1 for a number") {
  Listing listing;
  listing.ids = {"1", "a\n", "x,y\"&z"};
  CHECK(query_of(listing) ==
        "?_sort=last_modified,id&in_id=%221%22,%22a%5Cu000a%22,%22x%2Cy%5C%22%26z%22");
}

}  // namespace kinto_mirror::kinto
