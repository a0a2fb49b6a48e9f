#include "sync/tree/tree_reader.hpp"

#include "base/future.hpp"
#include "kinto/status.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/listing_reader.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

Error refused(const kinto::Server& server, const ContainerId& id, const kinto::Answer& answer) {
  const Errc code = answer.in_front ? Errc::turned_away : kinto::code_of_status(answer.status);
  return kinto::error_of(server.config(), code,
                         "GET " + id.path() + ": " + kinto::said(answer.status, answer.message),
                         answer.status);
}

bool concerns_server(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::untrusted || code == Errc::credentials ||
         code == Errc::stopped || code == Errc::overloaded || code == Errc::failing;
}

// Questions that are under way at a time.
constexpr std::size_t most_at_once = 8;

// One plural endpoint, read to its end.
struct Walked {
  Containers containers;
  Stamp etag;  // of its first page
  Stamp last_etag;
  std::int64_t live = 0;
  std::string stored;

  [[nodiscard]] bool lacks_some(const kinto::Count& count) const noexcept {
    return etag == count.etag && last_etag == count.etag && live < count.live;
  }
};

class TreeReader {
 public:
  TreeReader(kinto::Server& server, TaskGroup& background, TreeWish wish)
      : server_(server), background_(background), wish_(std::move(wish)) {}

  ResultTask<Tree> run() {
    std::vector<ContainerId> objects;
    for (const std::string& bucket : wish_.buckets) objects.push_back(bucket_container(bucket));
    auto looking = look(std::move(objects));
    auto reading = wish_.objects_only ? nothing() : read_buckets();
    auto [looked, read] = co_await both(background_, std::move(looking), std::move(reading));
    if (!looked) co_return looked.error();
    if (!read) co_return read.error();
    if (wish_.objects_only) co_return std::move(tree_);
    auto lists = co_await read_lists();
    if (!lists) co_return lists.error();
    co_return std::move(tree_);
  }

  // Of all buckets that this user may see, and nothing else.
  ResultTask<Containers> bucket_list() {
    auto listed = co_await list(ContainerKind::bucket, "");
    if (!listed && !is_hidden(listed.error().code)) co_return listed.error();
    co_return std::move(tree_.containers);
  }

 private:
  static ResultTask<void> nothing() { co_return success(); }

  ResultTask<void> read_buckets() {
    const std::vector<std::string> buckets(wish_.buckets.begin(), wish_.buckets.end());
    const auto all = co_await each_of<Result<void>>(
        background_, buckets.size(), most_at_once,
        [this, &buckets](std::size_t i) { return read_bucket(buckets[i]); });
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      if (all[i]) continue;
      if (concerns_server(all[i].error().code)) co_return all[i].error();
      tree_.failed.try_emplace(buckets[i], all[i].error());
    }
    co_return success();
  }

  ResultTask<void> read_bucket(std::string bucket) {
    auto collections = read_collections(bucket);
    auto groups = wish_.groups ? read_groups(bucket) : nothing();
    auto [shown, grouped] = co_await both(background_, std::move(collections), std::move(groups));
    if (!shown) co_return shown.error();
    co_return grouped;
  }

  // What a hidden bucket holds may be shown by itself: a right to read one collection.
  ResultTask<void> read_collections(std::string bucket) {
    const bool at_once = wish_.unlisted.contains(bucket);
    auto listing = list(ContainerKind::collection, bucket);
    auto looking = at_once ? look_at_named(bucket) : nothing();
    auto [collections, looked] = co_await both(background_, std::move(listing), std::move(looking));
    if (!looked) co_return looked.error();
    if (collections) co_return success();
    if (!is_hidden(collections.error().code)) co_return collections.error();
    tree_.no_collections.insert(bucket);
    if (at_once) co_return success();
    co_return co_await look_at_named(bucket);
  }

  ResultTask<void> look_at_named(std::string bucket) {
    std::vector<ContainerId> named;
    for (const CollectionId& id : wish_.named) {
      if (id.bucket == bucket) named.push_back(container_of(id));
    }
    co_return co_await look(std::move(named));
  }

  ResultTask<void> read_groups(std::string bucket) {
    auto groups = co_await list(ContainerKind::group, bucket);
    if (groups) co_return success();
    if (!is_hidden(groups.error().code)) co_return groups.error();
    tree_.no_groups.insert(std::move(bucket));
    co_return success();
  }

  // List and count are asked for at once: what holds them together is the ETag that both tell. A
  // list that ends before all that is counted is read once more, beyond that end.
  ResultTask<void> list(ContainerKind kind, std::string bucket) {
    const ContainerId id{kind, std::move(bucket), std::string()};
    const std::string path = id.endpoint();
    auto counting = Future<Result<kinto::Count>>::start(background_, server_.count(path));
    auto walked = co_await walk(id, 0);
    if (!walked) co_return walked.error();
    const auto count = co_await counting.get();
    if (!count) co_return count.error();
    if (walked->lacks_some(*count)) walked = co_await walk(id, count->live);
    if (!walked) co_return walked.error();
    if (!walked->stored.empty()) {
      co_return stored_answer(server_.config(), path, walked->stored);
    }
    if (walked->lacks_some(*count)) {
      co_return kinto::error_of(server_.config(), Errc::unproven,
                                path + " lists " + std::to_string(walked->live) + " of the " +
                                    std::to_string(count->live) +
                                    " that it counts: nothing is concluded from it");
    }
    for (auto& [one, container] : walked->containers) tree_.containers[one] = std::move(container);
    co_return success();
  }

  // `expected`: live ones that are known to come.
  ResultTask<Walked> walk(ContainerId id, std::int64_t expected) {
    kinto::Listing everything;
    everything.since = before_all;  // tombstones too
    everything.expected = expected;
    ListingReader reader(server_, id.endpoint(), std::move(everything), background_);
    Walked out;
    while (true) {
      auto page = co_await reader.next();
      if (!page) co_return page.error();
      if (!*page) break;
      for (const kinto::Entry& entry : (*page)->entries) {
        (id.kind == ContainerKind::bucket ? id.bucket : id.name) = entry.id;
        Container& container = out.containers[id];
        container.stamp = entry.stamp;
        container.tombstone = entry.deleted;
        if (!entry.deleted) container.data = entry.raw;
      }
    }
    out.etag = reader.etag();
    out.last_etag = reader.last_etag();
    out.live = reader.live() + reader.marked();
    out.stored = reader.stored();
    co_return out;
  }

  // Each as it is now.
  ResultTask<void> look(std::vector<ContainerId> ids) {
    const std::size_t most = server_.batch_max_requests();
    const auto all = co_await each_of<Result<void>>(
        background_, (ids.size() + most - 1) / most, most_at_once,
        [this, &ids, most](std::size_t nth) { return look_at_some(ids, nth * most, most); });
    for (const Result<void>& some : all) {
      if (!some) co_return some.error();
    }
    co_return success();
  }

  ResultTask<void> look_at_some(const std::vector<ContainerId>& ids, std::size_t begin,
                                std::size_t most) {
    const std::size_t end = std::min(ids.size(), begin + most);
    std::vector<std::string> paths;
    for (std::size_t i = begin; i < end; ++i) paths.push_back(ids[i].path());
    auto answers = co_await server_.look(std::move(paths));
    if (!answers) co_return answers.error();
    for (std::size_t i = begin; i < end; ++i) {
      const kinto::Answer& answer = (*answers)[i - begin];
      if (answer.status == 200) {
        tree_.containers[ids[i]] = shown_in(answer);
        continue;
      }
      const Error why = refused(server_, ids[i], answer);
      if (!is_hidden(why.code)) tree_.failed.try_emplace(ids[i].bucket, why);
      if (why.code == Errc::forbidden) tree_.forbidden.insert(ids[i]);
    }
    co_return success();
  }

  // Only an object itself shows its lists; it is taken whole, so that both are of one moment.
  ResultTask<void> read_lists() {
    std::vector<ContainerId> ids;
    for (const auto& [id, container] : tree_.containers) {
      const bool wanted = wish_.with_lists.contains(id.kind) && wish_.buckets.contains(id.bucket);
      if (wanted && !container.tombstone && !container.lists) ids.push_back(id);
    }
    return look(std::move(ids));
  }

  kinto::Server& server_;
  TaskGroup& background_;
  TreeWish wish_;
  Tree tree_;
};

}  // namespace

const Container* Tree::find(const ContainerId& id) const {
  const auto found = containers.find(id);
  return found == containers.end() ? nullptr : &found->second;
}

const Container* Tree::alive(const ContainerId& id) const {
  const Container* const found = find(id);
  return found == nullptr || found->tombstone ? nullptr : found;
}

ResultTask<Tree> read_tree(kinto::Server& server, TaskGroup& background, TreeWish wish) {
  TreeReader reader(server, background, std::move(wish));
  co_return co_await reader.run();
}

ResultTask<Containers> read_bucket_list(kinto::Server& server, TaskGroup& background) {
  TreeReader reader(server, background, TreeWish());
  co_return co_await reader.bucket_list();
}

ResultTask<std::optional<Container>> read_container(kinto::Server& server, ContainerId id) {
  auto answer = co_await server.look(id.path());
  if (!answer) co_return answer.error();
  if (answer->status == 200) co_return std::optional<Container>(shown_in(*answer));
  const Error why = refused(server, id, *answer);
  if (is_hidden(why.code)) co_return std::optional<Container>();
  co_return why;
}

}  // namespace kinto_mirror::sync
