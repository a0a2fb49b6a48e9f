#include "sync/tree/container.hpp"

#include "sync/tree/test_tree.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

using test::container;

TEST_CASE("a container has a name, a path and the endpoint that lists it") {
  struct Case {
    ContainerId id;
    std::string name;
    std::string path;
    std::string endpoint;
  };
  for (const Case& c : {
           Case{bucket_container("b"), "b", "/buckets/b", "/buckets"},
           Case{{ContainerKind::group, "b", "g"},
                "b/groups/g",
                "/buckets/b/groups/g",
                "/buckets/b/groups"},
           Case{container_of(CollectionId("b", "c")), "b/collections/c", "/buckets/b/collections/c",
                "/buckets/b/collections"},
           // No id leaves its segment.
           Case{bucket_container("a/b"), "a/b", "/buckets/a%2Fb", "/buckets"},
           Case{{ContainerKind::group, "b", "g\n"},
                "b/groups/g\n",
                "/buckets/b/groups/g%0A",
                "/buckets/b/groups"},
           Case{container_of(CollectionId("x?", "../y")), "x?/collections/../y",
                "/buckets/x%3F/collections/..%2Fy", "/buckets/x%3F/collections"},
       }) {
    CAPTURE(c.name);
    CHECK(c.id.str() == c.name);
    CHECK(c.id.path() == c.path);
    CHECK(c.id.endpoint() == c.endpoint);
  }
}

TEST_CASE("buckets stand before what is in buckets, and kinds do not mix") {
  CHECK(container("z") < container("a/groups/g"));
  CHECK(container("z/groups/g") < container("a/collections/c"));
  CHECK(container("a/groups/x") != container("a/collections/x"));
  CHECK(container("a/collections/x") == container_of(CollectionId("a", "x")));
}

}  // namespace kinto_mirror::sync
