#include "daemon/combined.hpp"

#include "sync/dump/test_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

using Kind = sync::ContainerDifference::Kind;
using sync::dump::test::Folder;

const CollectionId collection("b", "c");

}  // namespace

TEST_CASE("each finding has rclone's sign, and its record's whole name") {
  std::ostringstream out;
  Combined combined("-", out, false);
  combined.compared("replica", collection, "1", sync::Finding::same);
  combined.compared("replica", collection, "2", sync::Finding::missing);
  combined.compared("replica", collection, "3", sync::Finding::extra);
  combined.compared("replica", collection, "4", sync::Finding::undeleted);
  combined.compared("replica", collection, "5", sync::Finding::differs);
  combined.compared("replica", collection, "6", sync::Finding::quarantined);
  REQUIRE(combined.close().has_value());
  CHECK(out.str() == "= b/c/1\n+ b/c/2\n- b/c/3\n- b/c/4\n* b/c/5\n! b/c/6\n");
}

TEST_CASE("containers are named once, whatever differs about them") {
  std::ostringstream out;
  Combined combined("-", out, false);
  sync::ContainersReport report;
  report.equal = {"b"};
  report.differences = {{"b/collections/c", Kind::data, ""},
                        {"b/collections/c", Kind::permissions, ""},
                        {"b/groups/g", Kind::missing, ""},
                        {"b/groups/h", Kind::quarantined, ""},
                        {"d", Kind::extra, ""}};
  combined.containers_done("replica", report);
  CHECK(out.str() == "= b\n* b/collections/c\n+ b/groups/g\n! b/groups/h\n- d\n");
}

TEST_CASE("a collection that was not compared is named, and no other") {
  std::ostringstream out;
  Combined combined("-", out, false);
  sync::CollectionReport report;
  report.id = collection;
  report.state = sync::State::in_sync;
  combined.pass_done("replica", report);
  CHECK(out.str().empty());
  report.fail(Error(Errc::unreachable, "no way"));
  combined.pass_done("replica", report);
  CHECK(out.str() == "! b/collections/c\n");
  // Its container has no line beside it.
  sync::ContainersReport containers;
  containers.equal = {"b", "b/collections/c"};
  combined.containers_done("replica", containers);
  CHECK(out.str() == "! b/collections/c\n= b\n");
}

TEST_CASE("of several replicas each line names its own, and one record is one line") {
  std::ostringstream out;
  Combined combined("-", out, true);
  combined.compared("replica-2", collection, "a\nb", sync::Finding::missing);
  CHECK(out.str() == "+ b/c/a\\nb\treplica-2\n");
}

TEST_CASE("what cannot be written is said") {
  std::ostringstream out;
  CHECK(Combined("/no/such/folder/file", out, false).opened().error().code == Errc::usage);
  Combined full("/dev/full", out, false);
  REQUIRE(full.opened().has_value());
  full.compared("replica", collection, "1", sync::Finding::same);
  CHECK(full.close().error().code == Errc::rejected);
}

TEST_CASE("a file is replaced by a listing that is whole, and else left as it was") {
  const Folder folder;
  std::ostringstream out;
  const std::string path = folder.write("list", "former\n");
  std::filesystem::permissions(path, std::filesystem::perms(0640));
  {
    Combined broken(path, out, false);
    REQUIRE(broken.opened().has_value());
    broken.compared("replica", collection, "1", sync::Finding::same);
    CHECK(broken.keeps_former());
    CHECK(broken.close().has_value());
  }
  CHECK(folder.read("list") == "former\n");
  CHECK(!folder.has("list.part"));
  Combined whole(path, out, false);
  whole.compared("replica", collection, "1", sync::Finding::same);
  whole.set_whole();
  CHECK(whole.close().has_value());
  CHECK(folder.read("list") == "= b/c/1\n");
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms(0640));
}

}  // namespace kinto_mirror::daemon
