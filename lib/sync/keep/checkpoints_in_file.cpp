#include "sync/keep/checkpoint_file.hpp"
#include "sync/keep/checkpoint_store.hpp"

#include <utility>

namespace kinto_mirror::sync {

namespace {

class InFile final : public CheckpointStore {
 public:
  InFile(std::shared_ptr<CheckpointFile> file, std::string replica, std::string master)
      : file_(std::move(file)), replica_(std::move(replica)), master_(std::move(master)) {}

  ResultTask<std::optional<Checkpoints>> changes() override {
    // Before the file is read: what is written meanwhile is found the next time.
    const auto version = file_->version();
    if (!version) co_return version.error();
    if (seen_ == *version) co_return std::optional<Checkpoints>();
    auto lines = file_->read();
    if (!lines) co_return lines.error();
    std::optional<Checkpoints> all(std::in_place);
    for (const auto& [key, text] : *lines) {
      auto checkpoint = decode(text);
      if (!key.starts_with(replica_ + "\n") || !checkpoint || checkpoint->master != master_) {
        continue;
      }
      CollectionId id = checkpoint->collection;
      (*all)[std::move(id)] = std::move(*checkpoint);
    }
    seen_ = *version;
    co_return all;
  }

  ResultTask<void> store(Checkpoint checkpoint) override {
    std::string key = replica_ + "\n" + checkpoint_id(master_, checkpoint.collection);
    std::string value = encode(checkpoint);
    co_return co_await file_->put(std::move(key), std::move(value));
  }

  ResultTask<void> forget(CollectionId id) override {
    std::string key = replica_ + "\n" + checkpoint_id(master_, id);
    std::string nothing;
    co_return co_await file_->put(std::move(key), std::move(nothing));
  }

 private:
  std::shared_ptr<CheckpointFile> file_;
  std::string replica_;
  std::string master_;
  std::optional<CheckpointFile::Version> seen_;  // when last read
};

}  // namespace

std::unique_ptr<CheckpointStore> checkpoints_in_file(std::shared_ptr<CheckpointFile> file,
                                                     std::string replica, std::string master) {
  return std::make_unique<InFile>(std::move(file), std::move(replica), std::move(master));
}

}  // namespace kinto_mirror::sync
