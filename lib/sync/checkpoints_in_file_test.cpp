#include "base/json_slice.hpp"
#include "kinto/test_fakes.hpp"
#include "sync/checkpoint_store.hpp"

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
  return kinto::test::run(
      checkpoints_in_file(file, replica, master)->store(checkpoint_of(collection)));
}

Checkpoints stored(const std::string& file, const std::string& replica) {
  const auto store = checkpoints_in_file(file, replica, master);
  auto all = kinto::test::run(store->changes());
  REQUIRE(all.has_value());
  REQUIRE(all->has_value());
  return std::move(**all);
}

}  // namespace

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
  CHECK(refused.error().code == Errc::config);
  CHECK(refused.error().message.find(lock) != std::string::npos);
  CHECK(!std::filesystem::exists(folder.file()));
  ::close(held);
  CHECK(store(folder.file(), "http://r/v1", "one").has_value());
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
