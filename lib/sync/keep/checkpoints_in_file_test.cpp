#include "base/json_slice.hpp"
#include "base/task_group.hpp"
#include "kinto/test_fakes.hpp"
#include "sync/keep/checkpoint_store.hpp"
#include "sync/keep/file_lock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace kinto_mirror::sync {

namespace {

const std::string master = "https://master.example/v1";

// A folder that lives as long as this object.
class Folder {
 public:
  Folder() {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file() const { return (path_ / "checkpoints.json").string(); }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("kinto-mirror-checkpoints-" + std::to_string(::getpid()));
};

Checkpoint checkpoint_of(const std::string& collection) {
  Checkpoint checkpoint;
  checkpoint.master = master;
  checkpoint.collection = CollectionId("main", collection);
  checkpoint.cursor = Stamp{5};
  return checkpoint;
}

Result<void> store(const std::string& file, const std::string& replica,
                   const std::string& collection) {
  const auto shared = std::make_shared<CheckpointFile>(file);
  return kinto::test::run(
      checkpoints_in_file(shared, replica, master)->store(checkpoint_of(collection)));
}

Result<void> forget(const std::string& file, const std::string& replica,
                    const std::string& collection) {
  const auto shared = std::make_shared<CheckpointFile>(file);
  CollectionId id("main", collection);
  return kinto::test::run(checkpoints_in_file(shared, replica, master)->forget(std::move(id)));
}

Checkpoints stored(const std::string& file, const std::string& replica) {
  const auto store = checkpoints_in_file(std::make_shared<CheckpointFile>(file), replica, master);
  auto all = kinto::test::run(store->changes());
  REQUIRE(all.has_value());
  REQUIRE(all->has_value());
  return std::move(**all);
}

Task<void> store_one(CheckpointStore& store, const CheckpointFile& file, std::string collection,
                     std::vector<CheckpointFile::Version>& versions) {
  Checkpoint checkpoint = checkpoint_of(collection);
  const auto done = co_await store.store(std::move(checkpoint));
  const auto version = file.version();
  if (done && version) versions.push_back(*version);
}

// Starts them while another holds the lock, and tells for each the file that it found stored.
Task<bool> store_at_once(std::string path, int count, int held,
                         std::vector<CheckpointFile::Version>& versions) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto file = std::make_shared<CheckpointFile>(std::move(path));
  const auto store = checkpoints_in_file(file, "http://r/v1", master);
  TaskGroup stores(executor);
  for (int i = 0; i < count; ++i) {
    stores.spawn(store_one(*store, *file, "c" + std::to_string(i), versions));
  }
  boost::asio::steady_timer timer(executor, std::chrono::milliseconds(50));
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  const bool freed = ::flock(held, LOCK_UN) == 0;
  co_await stores.join();
  co_return freed;
}

Task<void> put_second(CheckpointFile& file) {
  const auto done = co_await file.put("b", "2");
  CHECK(done.has_value());
}

// True when a lock that is asked for right after the second put began comes before it is written.
Task<bool> gets_between(std::string path) {
  const auto executor = co_await boost::asio::this_coro::executor;
  CheckpointFile file(path);
  const auto first = co_await file.put("a", "1");
  TaskGroup second(executor);
  second.spawn(put_second(file));
  const auto before = file.version();
  boost::asio::steady_timer timer(executor, std::chrono::milliseconds(1));
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  bool between = false;
  {
    FileLock other(path);
    const auto locked = co_await other.acquire();
    const auto now = file.version();
    between = first && locked && before && now && *before == *now && second.running() == 1;
  }
  co_await second.join();
  co_return between;
}

}  // namespace

TEST_CASE("what is forgotten is not found any more, and the others are") {
  const Folder folder;
  for (const char* replica : {"one", "two"}) {
    for (const char* collection : {"x", "y"}) {
      REQUIRE(store(folder.file(), replica, collection).has_value());
    }
  }
  REQUIRE(forget(folder.file(), "one", "x").has_value());
  REQUIRE(forget(folder.file(), "one", "none").has_value());
  const Checkpoints left = stored(folder.file(), "one");
  CHECK(left.size() == 1);
  CHECK(left.contains(CollectionId("main", "y")));
  CHECK(stored(folder.file(), "two").size() == 2);
  // Nothing of it is left in the file either.
  CHECK(CheckpointFile(folder.file()).read()->size() == 3);
  REQUIRE(store(folder.file(), "one", "x").has_value());
  CHECK(stored(folder.file(), "one").size() == 2);
}

TEST_CASE("a checkpoint is found again, by its own replica only") {
  const Folder folder;
  CHECK(stored(folder.file(), "http://r/v1").empty());
  REQUIRE(store(folder.file(), "http://r/v1", "one").has_value());
  const Checkpoints all = stored(folder.file(), "http://r/v1");
  REQUIRE(all.size() == 1);
  CHECK(all.begin()->second == checkpoint_of("one"));
  CHECK(stored(folder.file(), "http://other/v1").empty());
}

TEST_CASE("daemons that share a file lose none of each other's checkpoints") {
  const Folder folder;
  constexpr int writers = 4;
  constexpr int each = 8;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  threads.reserve(writers);
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&folder, &failed, writer] {
      const std::string replica = "http://replica-" + std::to_string(writer) + "/v1";
      for (int i = 0; i < each; ++i) {
        if (!store(folder.file(), replica, "c" + std::to_string(i))) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  for (int writer = 0; writer < writers; ++writer) {
    CHECK(stored(folder.file(), "http://replica-" + std::to_string(writer) + "/v1").size() == each);
  }
}

TEST_CASE("a file that stays locked is an error that names the lock, and is not written") {
  const Folder folder;
  const std::string lock = folder.file() + ".lock";
  const int held = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = store(folder.file(), "http://r/v1", "one");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::busy);
  CHECK(is_transient(refused.error().code));
  CHECK(refused.error().message.find(lock) != std::string::npos);
  CHECK(!std::filesystem::exists(folder.file()));
  ::close(held);
  CHECK(store(folder.file(), "http://r/v1", "one").has_value());
}

TEST_CASE("stores that wait for the lock are written together") {
  const Folder folder;
  constexpr int stores = 10;
  const int held = ::open((folder.file() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  std::vector<CheckpointFile::Version> versions;
  CHECK(kinto::test::run(store_at_once(folder.file(), stores, held, versions)));
  ::close(held);
  REQUIRE(versions.size() == stores);
  for (const auto& version : versions) CHECK(version == versions.front());
  CHECK(stored(folder.file(), "http://r/v1").size() == stores);
}

TEST_CASE("another process that waits gets the lock between two writes that follow at once") {
  const Folder folder;
  CHECK(kinto::test::run(gets_between(folder.file())));
  const auto lines = CheckpointFile(folder.file()).read();
  REQUIRE(lines.has_value());
  CHECK(lines->size() == 2);
}

TEST_CASE("what another daemon wrote, and that the file was removed, is noticed") {
  const Folder folder;
  const auto mine =
      checkpoints_in_file(std::make_shared<CheckpointFile>(folder.file()), "http://r/v1", master);
  const auto changed = [&mine] {
    auto all = kinto::test::run(mine->changes());
    REQUIRE(all.has_value());
    return std::move(*all);
  };
  CHECK(changed() == Checkpoints());
  CHECK_FALSE(changed());
  REQUIRE(store(folder.file(), "http://r/v1", "one").has_value());
  const auto after_store = changed();
  REQUIRE(after_store);
  CHECK(after_store->size() == 1);
  CHECK_FALSE(changed());
  std::filesystem::remove(folder.file());
  CHECK(changed() == Checkpoints());
  CHECK_FALSE(changed());
}

TEST_CASE("a damaged file is an error, and stays as it is") {
  const Folder folder;
  std::ofstream(folder.file()) << "{\"half";
  const auto refused = store(folder.file(), "http://r/v1", "one");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("is damaged") != std::string::npos);
  CHECK(std::filesystem::file_size(folder.file()) == 6);
}

}  // namespace kinto_mirror::sync
