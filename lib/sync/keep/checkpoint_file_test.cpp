// The file of checkpoints and its lock: what is there before and behind, and what fails.
#include "sync/keep/checkpoint_file.hpp"

#include "kinto/test_fakes.hpp"
#include "sync/keep/checkpoint_store.hpp"
#include "sync/keep/file_lock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace kinto_mirror::sync {

namespace {

namespace fs = std::filesystem;
using kinto::test::run;

// A folder that lives as long as this object.
struct Folder {
  Folder() {
    fs::remove_all(path);
    fs::create_directory(path);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file() const { return (path / "checkpoints.json").string(); }
  // Everything in it, by name.
  [[nodiscard]] std::string holds() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path)) names.insert(entry.path().filename());
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

  fs::path path =
      fs::temp_directory_path() / ("kinto-mirror-checkpoint-file-" + std::to_string(::getpid()));
};

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string words(const Result<void>& result) {
  return result ? "" : result.error().message;
}

Task<Result<void>> lock_and_leave(const std::string& path) {
  FileLock lock(path);
  co_return co_await lock.acquire();
}

// Takes it while another coroutine of this process has it for some time.
Task<std::chrono::milliseconds> wait_for_lock(const std::string& path) {
  const auto executor = co_await boost::asio::this_coro::executor;
  std::optional<FileLock> first(std::in_place, path);
  REQUIRE((co_await first->acquire()).has_value());
  const auto begin = std::chrono::steady_clock::now();
  boost::asio::steady_timer timer(executor, std::chrono::milliseconds(60));
  timer.async_wait([&first](const auto&) { first.reset(); });
  FileLock second(path);
  CHECK((co_await second.acquire()).has_value());
  co_return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                  begin);
}

}  // namespace

TEST_CASE("the lock is a file of its own beside the one that it guards, and stays there") {
  const Folder folder;
  CHECK(run(lock_and_leave(folder.file())).has_value());
  CHECK(folder.holds() == "checkpoints.json.lock");
  struct stat found {};
  REQUIRE(::stat((folder.file() + ".lock").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0600U);
  CHECK(run(lock_and_leave(folder.file())).has_value());  // whoever has left it has unlocked it
}

TEST_CASE("who waits for the lock gets it when it is left, and not before") {
  const Folder folder;
  const auto waited = run(wait_for_lock(folder.file()));
  CHECK(waited >= std::chrono::milliseconds(60));
  CHECK(waited < std::chrono::seconds(3));
}

TEST_CASE("a lock that cannot be opened is an error of the configuration that names it") {
  const Folder folder;
  const std::string path = (folder.path / "nowhere" / "checkpoints.json").string();
  const auto locked = run(lock_and_leave(path));
  REQUIRE(locked.has_error());
  CHECK(locked.error().code == Errc::config);
  CHECK(locked.error().message.starts_with(
      "checkpoint file " + path +
      ".lock: cannot be opened for locking: No such file or directory; "));
}

TEST_CASE("where there is no file its version is none, and each write makes another one") {
  const Folder folder;
  CheckpointFile file(folder.file());
  const auto none = file.version();
  CHECK(none.value() == CheckpointFile::Version());
  CHECK(file.read().value().empty());
  REQUIRE(run(file.put("a", "1")).has_value());
  const auto first = file.version();
  REQUIRE(run(file.put("a", "1")).has_value());  // the same text
  const auto second = file.version();
  CHECK(first.value() != none.value());
  CHECK(second.value() != first.value());
}

TEST_CASE("a write keeps the lines of others as they are, and leaves nothing else behind") {
  const Folder folder;
  std::ofstream(folder.file()) << R"({"z": {"of":"a later daemon","n":1.50}, "a": 1})";
  CheckpointFile file(folder.file());
  REQUIRE(run(file.put("a", "2")).has_value());
  REQUIRE(run(file.put("with \"quotes\"\n", "3")).has_value());
  CHECK(text_of(folder.file()) ==
        "{\n\"a\": 2,\n\"with \\\"quotes\\\"\\u000a\": 3,\n"
        "\"z\": {\"of\":\"a later daemon\",\"n\":1.50}\n}\n");
  CHECK(file.read().value().at("with \"quotes\"\n") == "3");
  CHECK(folder.holds() == "checkpoints.json, checkpoints.json.lock");
  struct stat found {};
  REQUIRE(::stat(folder.file().c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0600U);
}

TEST_CASE("an empty file is damaged, and no file without checkpoints") {
  const Folder folder;
  std::ofstream(folder.file()).flush();
  CHECK(CheckpointFile(folder.file())
            .read()
            .error()
            .message.find("is damaged; remove it, and everything is compared again") !=
        std::string::npos);
  std::ofstream(folder.file()) << "{}";
  CHECK(CheckpointFile(folder.file()).read().value().empty());
}

TEST_CASE("a file that was written into is damaged") {
  CHECK(CheckpointFile::parse("{\"a\": 1}\n"));
  for (const std::string text : {"{\"a\": 1}}", "{\"a\": 1}\n{}", "{\"a\": 1", "{\"a\": 01}", "[]",
                                 "{\"a\": 1}\n\"b\": 2\n}\n"}) {
    CAPTURE(text);
    CHECK_FALSE(CheckpointFile::parse(text));
  }
  const CheckpointFile::Lines none;
  CHECK(CheckpointFile::parse(CheckpointFile::print(none)) == none);
}

TEST_CASE("what cannot be read is not called damaged") {
  const Folder folder;
  fs::create_directory(folder.file());
  const auto read = CheckpointFile(folder.file()).read();
  REQUIRE(read.has_error());
  CHECK(read.error().message.find("cannot be read") != std::string::npos);
}

TEST_CASE("what cannot be written is an error that names the file, and leaves no part of it") {
  const Folder folder;
  SUBCASE("the file is a folder") {
    fs::create_directory(folder.file());
    CheckpointFile file(folder.file());
    CHECK(file.read().error().code == Errc::config);
    CHECK(words(run(file.put("a", "1"))).find(folder.file()) != std::string::npos);
    CHECK(folder.holds() == "checkpoints.json, checkpoints.json.lock");
  }
  SUBCASE("another one stands in its way") {
    std::ofstream(folder.file()) << R"({"a": 1})";
    const std::string temporary = folder.file() + "." + std::to_string(::getpid()) + ".new";
    fs::create_directory(temporary);
    const auto put = run(CheckpointFile(folder.file()).put("a", "2"));
    CHECK(words(put).find("cannot be opened for writing") != std::string::npos);
    CHECK(words(put).find("free space, or give another file with --checkpoint") !=
          std::string::npos);
    CHECK(put.error().code == Errc::config);
    CHECK(text_of(folder.file()) == R"({"a": 1})");
  }
}

TEST_CASE("of a file that many share only this replica's and this master's are given") {
  const Folder folder;
  const auto file = std::make_shared<CheckpointFile>(folder.file());
  Checkpoint one;
  one.master = "http://m/v1";
  one.collection = CollectionId("b", "c");
  Checkpoint other = one;
  other.master = "http://m2/v1";
  other.collection = CollectionId("b", "of another master");
  Checkpoint elsewhere = one;
  elsewhere.collection = CollectionId("b", "of another replica");
  REQUIRE(run(checkpoints_in_file(file, "http://r/v1", one.master)->store(one)).has_value());
  REQUIRE(run(checkpoints_in_file(file, "http://r/v1", other.master)->store(other)).has_value());
  REQUIRE(run(checkpoints_in_file(file, "http://r/v10", one.master)->store(elsewhere)).has_value());
  REQUIRE(run(file->put("http://r/v1\nodd", R"({"schema":2})")).has_value());
  CHECK(file->read().value().size() == 4);
  const auto found = run(checkpoints_in_file(file, "http://r/v1", one.master)->changes());
  REQUIRE(found.has_value());
  CHECK(**found == Checkpoints{{one.collection, one}});
}

}  // namespace kinto_mirror::sync
