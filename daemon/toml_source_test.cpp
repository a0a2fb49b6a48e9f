#include "daemon/toml_source.hpp"

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

std::string refusal(const char* content) {
  const Source source = read_toml(content, "m.toml");
  for (const Error& error : source.errors) {
    const bool of_secret = contains(error.message, "_file: /");
    CHECK(error.code == (of_secret ? Errc::credentials : Errc::config));
  }
  return messages(source.errors);
}

}  // namespace

TEST_CASE("values of a file know their line") {
  const Source source = read_toml(
      "[sync]\ninterval = \"7s\"\ncollections = [\"a/b\", \"c/*\"]\nmax_delete = 5\n"
      "[[replica]]\nurl = \"http://x\"\n[[replica]]\nname = \"two\"\n",
      "m.toml");
  CHECK(messages(source.errors) == "");
  CHECK(source.replicas == 2);
  std::map<std::string, RawValue> values;
  for (const RawValue& value : source.values) values[value.setting->path()] = value;
  CHECK(values.at("sync.interval").text == "7s");
  CHECK(values.at("sync.interval").origin.str() == "file m.toml:2");
  CHECK(values.at("sync.interval").where == "m.toml:2: [sync] interval");
  CHECK(values.at("sync.collections").text == "a/b,c/*");
  CHECK(values.at("sync.max_delete").text == "5");
  CHECK(values.at("replica.url").replica == 0);
  CHECK(values.at("replica.name").replica == 1);
}

TEST_CASE("what a file may not hold is named with its line") {
  struct Row {
    const char* content;
    const char* message;
  };
  const std::vector<Row> rows{
      {"[sync]\nintervall = \"5s\"\n",
       "m.toml:2: unknown key intervall in [sync]; did you mean interval?; accepted: collections, "
       "shard, interval, active_interval, overlap, audit_interval, parallel, extras, max_delete, "
       "checkpoint, metadata, permissions, "
       "groups, readers, deletions, closing_marks, principals\n"},
      {"\n[snyc]\n",
       "m.toml:2: unknown table [snyc]; did you mean sync?; accepted: master, replica, sync, "
       "status, control, notify, log\n"},
      {"colour = 1\n",
       "m.toml:1: unknown key colour; accepted: master, replica, sync, status, control, notify, "
       "log\n"},
      {"[[replica]]\npassword = \"x\"\n",
       "m.toml:2: unknown key password in [[replica]]; accepted: name, url, auth, auth_file, "
       "ca_file\n"},
      {"sync = 5\n", "m.toml:1: sync is no table; accepted: a table [sync]\n"},
      {"[replica]\nurl = \"http://x\"\n",
       "m.toml:1: replica is no list: write [[replica]], with two brackets, for each\n"},
      {"replica = [1]\n",
       "m.toml:1: replica is no list: write [[replica]], with two brackets, for each\n"},
      {"[sync]\ninterval = 5\n",
       "m.toml:2: [sync] interval: the value is of the wrong type, integer; accepted: a duration "
       "of at least "
       "100ms, such as 5s, 250ms or 1m30s, as a string\n"},
      {"[sync]\ncollections = [1]\n",
       "m.toml:2: [sync] collections: the value is of the wrong type, array; accepted: globs over "
       "bucket/collection, such as main/certs,blog-*/*,!blog-old/*, as a string or a list of "
       "strings\n"},
      {"[sync]\nmax_delete = 1.5\n",
       "m.toml:2: [sync] max_delete: the value is of the wrong type, floating-point; accepted: a "
       "number of records, such as 100, or 0% to 100%, as a string or a whole number\n"},
      {"[master]\nauth = \"a:b\"\nauth_file = \"/dev/null\"\n",
       "m.toml:3: [master] auth_file: /dev/null: is empty\n"
       "m.toml:3: [master] holds both auth and auth_file: give one\n"},
      {"[sync]\nprincipals = \"a\"\n",
       "m.toml:2: [sync] principals: is no table; accepted: a table [sync.principals] of FROM = "
       "TO, "
       "both between quotes\n"},
      {"[sync.principals]\n\"a:b\" = [\"c:d\", \"e:f\"]\n",
       "m.toml:2: [sync.principals] \"a:b\": the value is of the wrong type, array; accepted: the "
       "principal's one name on the replica, or \"\" to drop it, as a string\n"},
      {"[sync.principals]\nsystem.Everyone = \"c:d\"\n",
       "m.toml:2: [sync.principals] \"system\": the value is of the wrong type, table (a key that "
       "holds a dot stands between quotes); accepted: the principal's one name on the replica, or "
       "\"\" to drop it, as a string\n"},
      {"[master]\nauth_file = 5\n",
       "m.toml:2: [master] auth_file: the value is of the wrong type, integer; accepted: the path "
       "of a file, "
       "as a string\n"},
  };
  for (const Row& row : rows) CHECK(refusal(row.content) == row.message);
}

TEST_CASE("what is no TOML is told in words of ours, with its line and the mend") {
  struct Row {
    const char* content;
    const char* place;
    const char* what;
  };
  const std::vector<Row> rows{
      {"[sync\n", "1", "a table header is written wrong; write it alone on its line, as [sync]"},
      {"[sync]]\n", "1", "a table header is written wrong"},
      {"[[replica]\n", "1", "a table header is written wrong"},
      {"[sync]\n\n[sync]\n", "3", "sync is given twice; keep one of the two"},
      {"[sync]\ninterval = \"5s\"\ninterval = \"6s\"\n", "3", "interval is given twice"},
      {"[sync.principals]\n\"a:b\" = \"c:d\"\n\"a:b\" = \"e:f\"\n", "3",
       "\"a:b\" is given twice in [sync.principals]; keep one of the two"},
      {"[sync.principals]\n 'a:b' = \"c:d\"\n\t'a:b' = \"e:f\"\n", "3",
       "'a:b' is given twice in [sync.principals]"},
      {"[sync]\nprincipals = {\"a:b\" = \"c:d\", \"a:b\" = \"e:f\"}\n", "2",
       "the same key is given twice"},
      {"[sync.principals]\na:b = \"c:d\"\n", "2", "a key with other characters than letters"},
      {"[[replica]]\n[replica]\n", "2", "write [[replica]], with two brackets, for each"},
      {"[replica]\n[[replica]]\n", "2", "write [[replica]], with two brackets, for each"},
      {"[sync]\ninterval = 5s\n", "2", "write it between double quotes, as interval = \"5s\""},
      {"[sync]\nmax_delete = 10%\n", "2", "write it between double quotes"},
      {"[sync]\nextras = delete\n", "2", "write it between double quotes"},
      {"[sync]\nextras \"keep\"\n", "2", "no = stands behind the key"},
      {"[sync]\nextras: \"keep\"\n", "2", "no = stands behind the key"},
      {"[sync]\nextras =\n", "2", "no value stands behind the ="},
      {"[sync]\nextras = \"keep\" x\n", "2", "something stands behind a value"},
      {"[sync]\nextras = \"keep\n", "2", "a string is not closed on its line"},
      {"[sync]\nextras = 'keep\n", "2", "a string is not closed on its line"},
      {"[sync]\nextras = \"C:\\dir\"\n", "2", "and \\\\ for a backslash"},
      {"[sync]\ncollections = [\"a/b\" \"c/d\"]\n", "2", "a list is not closed, or lacks a comma"},
      {"[sync]\ncollections = [\"a/b\",\n", "2", "a list is not closed, or lacks a comma"},
      {"{\"sync\": 1}\n", "1", "this is no table, no key and no comment"},
      {"[sync]\nextras = \"\xFF\"\n", "2", "save it as UTF-8"},
      {"[master]\nauth = u:hunter2\n", "2", "write it between double quotes"},
      {"[master]\nauth = \"u:hunter2\n", "2", "a string is not closed on its line"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.content);
    const std::string told = refusal(row.content);
    CAPTURE(told);
    CHECK(told.starts_with("m.toml:" + std::string(row.place) + ": is no TOML: "));
    CHECK(contains(told, row.what));
    for (const char* raw : {"Error", "parsing", "saw", "hunter2"}) CHECK(!contains(told, raw));
  }
}

TEST_CASE("a file that cannot be read is named") {
  const auto refused = [](const std::string& path) {
    const Source source = read_toml_file(path);
    REQUIRE(source.errors.size() == 1);
    CHECK(source.errors[0].code == Errc::config);
    return source.errors[0].message;
  };
  CHECK(refused("/does/not/exist.toml") ==
        "/does/not/exist.toml: cannot be read: No such file or directory");
  CHECK(refused("/") == "/: cannot be read: Is a directory");
  CHECK(refused("/dev/zero") == "/dev/zero: is larger than 1 MiB");
}

TEST_CASE("a secret from a file loses its line end") {
  const TemporaryFile secret("secret", "user:pass\r\n\n");
  const std::string content = "[master]\nauth_file = \"" + secret.path() + "\"\n";
  const Source source = read_toml(content, "m.toml");
  REQUIRE(source.values.size() == 1);
  CHECK(source.values[0].text == "user:pass");
  CHECK(source.values[0].setting->path() == "master.auth");
}

}  // namespace kinto_mirror::daemon
