#include "daemon/status/version_json.hpp"

#include "daemon/test_inputs.hpp"

namespace kinto_mirror::daemon {

TEST_CASE("without a file, the program's own version") {
  const BuildInfo info = build_info({"/no/such/version.json"}, "1.2.3", "0a1b");
  CHECK(info.json ==
        "{\"source\":\"\",\"version\":\"1.2.3\",\"commit\":\"0a1b\",\"build\":\"\"}\n");
  CHECK(info.commit == "0a1b");
}

TEST_CASE("the first file that holds an object is served") {
  const TemporaryFile broken("broken.json", "{\"version\": ");
  const TemporaryFile list("list.json", "[1]");
  const TemporaryFile good("version.json", "{\n  \"version\": \"9\", \"commit\": \"abc\"\n}\n");
  const BuildInfo info = build_info({broken.path(), list.path(), good.path()}, "1.2.3", "");
  CHECK(info.json == "{\"version\":\"9\",\"commit\":\"abc\"}\n");
  CHECK(info.commit == "abc");
}

}  // namespace kinto_mirror::daemon
