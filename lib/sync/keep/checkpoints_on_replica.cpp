#include "base/task_group.hpp"
#include "kinto/status.hpp"
#include "sync/decide/scope.hpp"
#include "sync/keep/checkpoint_store.hpp"
#include "sync/write/containers.hpp"

#include <boost/asio/this_coro.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

class OnReplica final : public CheckpointStore {
 public:
  OnReplica(kinto::Server& replica, std::string master)
      : replica_(replica), master_(std::move(master)), place_(own_collection()) {}

  ResultTask<std::optional<Checkpoints>> changes() override {
    const std::string path = kinto::records_path(place_);
    auto count = co_await replica_.count(path);
    if (!count) {
      if (!is_hidden(count.error().code)) co_return count.error();
      seen_.reset();
      lacks_place_ = true;
      co_return std::optional<Checkpoints>(std::in_place);
    }
    const auto state = std::pair(count->etag, count->live);
    if (seen_ == state) co_return std::optional<Checkpoints>();
    auto all = co_await read_all(path);
    if (!all) co_return all.error();
    seen_ = state;
    co_return std::optional<Checkpoints>(std::move(*all));
  }

  ResultTask<void> store(Checkpoint checkpoint) override {
    auto stored = co_await put(checkpoint);
    if (!stored) co_return stored.error();
    if (*stored) co_return success();
    // Who may not make it may still write into it.
    co_await make_place();
    stored = co_await put(checkpoint);
    if (!stored) co_return stored.error();
    if (*stored) co_return success();
    if (!made_) co_return made_.error().in("storing the checkpoint");
    co_return kinto::error_of(replica_.config(), Errc::forbidden,
                              "the checkpoint could not be stored");
  }

  ResultTask<void> forget(CollectionId id) override {
    kinto::Subrequest request("DELETE", kinto::record_path(place_, checkpoint_id(master_, id)));
    const auto answer = co_await replica_.send_patiently(std::move(request));
    if (!answer) co_return answer.error();
    const Errc code = kinto::code_of_status(answer->status);
    if (answer->status == 200 || (is_hidden(code) && !answer->in_front)) co_return success();
    co_return kinto::error_of(
        replica_.config(), code,
        "forgetting a checkpoint: " + kinto::said(answer->status, answer->message), answer->status);
  }

 private:
  // Once for all who store side by side.
  Task<void> make_place() {
    std::shared_ptr<TaskGroup> making = making_;
    if (!making) {
      making_ = making = std::make_shared<TaskGroup>(co_await boost::asio::this_coro::executor);
      making->spawn(make());
    }
    co_await making->join();
    if (making_ == making) making_.reset();
  }

  Task<void> make() {
    made_ = co_await ensure_own_collection(replica_, place_);
    if (made_) lacks_place_ = false;
  }

  ResultTask<Checkpoints> read_all(std::string path) {
    Checkpoints all;
    kinto::Listing listing;
    do {
      auto page = co_await replica_.list(path, listing);
      if (!page) co_return page.error();
      for (const kinto::Entry& entry : page->entries) {
        auto checkpoint = decode(entry.raw);
        if (!checkpoint || checkpoint->master != master_) continue;
        CollectionId id = checkpoint->collection;
        all[std::move(id)] = std::move(*checkpoint);
      }
      listing.from = std::move(page->next);
    } while (!listing.from.empty());
    co_return all;
  }

  // With its collection, where that is known to be missing. False when it does not exist even so
  // (or not any more).
  ResultTask<bool> put(const Checkpoint& checkpoint) {
    const std::string path =
        kinto::record_path(place_, checkpoint_id(master_, checkpoint.collection));
    // Checkpoints that are stored side by side may get one stamp, which PostgreSQL answers with
    // 409: the server chooses another one the next time.
    constexpr int max_clashes = 20;
    for (int clashes = 0;; ++clashes) {
      std::vector<kinto::Subrequest> requests;
      if (lacks_place_) {
        requests.emplace_back("PUT", kinto::collection_path(place_));
        requests.back().guard = kinto::Subrequest::Guard::if_absent;
      }
      requests.emplace_back("PUT", path);
      requests.back().data = encode(checkpoint);
      const auto answers = co_await replica_.send_patiently(std::move(requests));
      if (!answers) co_return answers.error();
      const kinto::Answer& answer = answers->back();
      if (answer.status == 200 || answer.status == 201) {
        lacks_place_ = false;
        co_return true;
      }
      if (answer.status == 403 || answer.status == 404) co_return false;
      if (answer.status == 409 && clashes < max_clashes) continue;
      co_return kinto::error_of(
          replica_.config(), kinto::code_of_status(answer.status),
          "storing the checkpoint: " + kinto::said(answer.status, answer.message), answer.status);
    }
  }

  kinto::Server& replica_;
  std::string master_;
  CollectionId place_;
  std::optional<std::pair<Stamp, std::int64_t>> seen_;  // ETag and count when last read
  std::shared_ptr<TaskGroup> making_;                   // while somebody waits for it
  Result<void> made_ = success();                       // what the last making came to
  bool lacks_place_ = false;  // when last looked at; or it was hidden, which is told alike
};

}  // namespace

std::unique_ptr<CheckpointStore> checkpoints_on_replica(kinto::Server& replica,
                                                        std::string master) {
  return std::make_unique<OnReplica>(replica, std::move(master));
}

}  // namespace kinto_mirror::sync
