#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

TEST_CASE("the default file is read where it is there and nobody names another") {
  const TemporaryFile file("default.toml", "[sync]\ninterval = \"7s\"\n");
  const TemporaryFile other("other.toml", "[sync]\noverlap = \"9s\"\n");
  const auto interval = [](const Loaded& loaded) {
    CHECK(messages(loaded.errors) == "");
    return loaded.config.shown.at("sync.interval").text;
  };
  const Loaded found = load(with_servers({}), {}, file.path());
  CHECK(interval(found) == "7s");
  CHECK(found.config.file == file.path());
  CHECK(found.config.shown.at("config").origin.str() == "default");
  CHECK(interval(load(with_servers({}), {}, "/absent/kinto-mirror.toml")) == "5s");
  CHECK(load(with_servers({}), {}, "/absent/kinto-mirror.toml").config.file == "");
  CHECK(interval(load(with_servers({"--config", other.path()}), {}, file.path())) == "5s");
  CHECK(interval(load(with_servers({}), {{"KINTO_MIRROR_CONFIG", other.path()}}, file.path())) ==
        "5s");
  CHECK(interval(load(with_servers({}), {{"KINTO_MIRROR_CONFIG", ""}}, file.path())) == "7s");

  const TemporaryFile broken("broken.toml", "[sync\n");
  CHECK(contains(messages(load(with_servers({}), {}, broken.path()).errors), broken.path()));
  const Error folder = only_error(load(with_servers({}), {}, "/etc"));
  CHECK(contains(folder.message, "/etc: cannot be read"));
}

}  // namespace kinto_mirror::daemon
