// The settings that decide about buckets, groups and collections, from their sources to the options
// that the engine reads.

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

TEST_CASE("what decides about containers reaches the options") {
  const sync::Options options =
      load(with_servers({"--metadata", "create", "--permissions", "copy", "--groups", "keep",
                         "--readers", "system.Everyone,a:b", "--deletions", "records",
                         "--closing-marks", "off", "--collections", "!a/*"}))
          .config.sync;
  CHECK(options.metadata == sync::Metadata::create);
  CHECK(options.permissions == sync::Permissions::copy);
  CHECK(options.groups == sync::Groups::keep);
  CHECK(options.readers == std::vector<std::string>{"system.Everyone", "a:b"});
  CHECK(options.deletions == sync::Deletions::records);
  CHECK(!options.closing_marks);
  CHECK(options.collections == std::vector<std::string>{"!a/*"});
}

TEST_CASE("groups follow where permissions do, unless they are said to") {
  struct Row {
    std::vector<std::string> flags;
    sync::Groups groups;
    const char* shown;
  };
  const std::vector<Row> rows{
      {{}, sync::Groups::keep, "keep from default"},
      {{"--permissions", "read"}, sync::Groups::follow, "follow from default"},
      {{"--permissions", "copy"}, sync::Groups::follow, "follow from default"},
      {{"--permissions", "copy", "--groups", "keep"},
       sync::Groups::keep,
       "keep from flag --groups"},
      {{"--groups", "follow"}, sync::Groups::follow, "follow from flag --groups"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.flags);
    const Config config = load(with_servers(row.flags)).config;
    CHECK(config.sync.groups == row.groups);
    const Shown& shown = config.shown.at("sync.groups");
    CHECK(shown.text + " from " + shown.origin.str() == row.shown);
  }
}

TEST_CASE("principals come from the file, each with its line") {
  const TemporaryFile file("principals.toml",
                           "[sync.principals]\n\"account:a\" = \"account:b\"\n"
                           "\"system.Everyone\" = \"\"\n[sync]\nreaders = []\n");
  const Config config = load(with_servers({"--config", file.path()})).config;
  CHECK(config.sync.principals ==
        std::map<std::string, std::string>{{"account:a", "account:b"}, {"system.Everyone", ""}});
  CHECK(config.shown.at("sync.principals.account:a").origin.str() == "file " + file.path() + ":2");
  CHECK(config.sync.readers.empty());
  const TemporaryFile bad("principals.toml",
                          "[sync.principals]\n\"account:a\" = \"account b\"\n"
                          "\"system.all\" = \"a:b\"\n");
  CHECK(messages(load(with_servers({"--config", bad.path()})).errors) ==
        bad.path() +
            ":2: [sync.principals] \"account:a\": \"account b\" holds a blank or a control "
            "character; accepted: the principal's one name on the replica, or \"\" to drop it\n" +
            bad.path() +
            ":3: [sync.principals] \"system.all\": \"a:b\" is the new name of one that is unknown "
            "to Kinto, which has system.Everyone and system.Authenticated; accepted: the "
            "principal's one name on the replica, or \"\" to drop it\n");
}

TEST_CASE("bad values of them are told with the place and what would be accepted") {
  CHECK(only_error(load(with_servers({"--permissions=all"}))).message ==
        "--permissions: \"all\" is neither keep nor read nor copy; accepted: keep, read, copy");
  CHECK(only_error(load(with_servers({}), {{"KINTO_MIRROR_READERS", "everyone"}})).message ==
        "KINTO_MIRROR_READERS: \"everyone\" holds \"everyone\", which is no principal of Kinto's; "
        "accepted: principals, such as system.Everyone,account:alice or /buckets/b/groups/g");
}

}  // namespace kinto_mirror::daemon
