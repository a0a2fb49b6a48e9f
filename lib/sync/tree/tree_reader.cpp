#include "sync/tree/tree_reader.hpp"

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

class TreeReader {
 public:
  TreeReader(kinto::Server& server, TaskGroup& background, TreeWish wish)
      : server_(server), background_(background), wish_(std::move(wish)) {}

  ResultTask<Tree> run() {
    std::vector<ContainerId> objects;
    for (const std::string& bucket : wish_.buckets) objects.push_back(bucket_container(bucket));
    auto looked = co_await look(std::move(objects));
    if (!looked) co_return looked.error();
    if (wish_.objects_only) co_return std::move(tree_);
    for (const std::string& bucket : wish_.buckets) {
      auto read = co_await read_bucket(bucket);
      if (read) continue;
      if (concerns_server(read.error().code)) co_return read.error();
      tree_.failed.try_emplace(bucket, read.error());
    }
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
  // What a hidden bucket holds may be shown by itself: a right to read one collection.
  ResultTask<void> read_bucket(std::string bucket) {
    auto collections = co_await list(ContainerKind::collection, bucket);
    if (!collections) {
      if (!is_hidden(collections.error().code)) co_return collections.error();
      tree_.no_collections.insert(bucket);
      std::vector<ContainerId> named;
      for (const CollectionId& id : wish_.named) {
        if (id.bucket == bucket) named.push_back(container_of(id));
      }
      auto looked = co_await look(std::move(named));
      if (!looked) co_return looked.error();
    }
    if (!wish_.groups) co_return success();
    auto groups = co_await list(ContainerKind::group, bucket);
    if (groups) co_return success();
    if (!is_hidden(groups.error().code)) co_return groups.error();
    tree_.no_groups.insert(std::move(bucket));
    co_return success();
  }

  ResultTask<void> list(ContainerKind kind, std::string bucket) {
    ContainerId id{kind, std::move(bucket), std::string()};
    const std::string path = id.endpoint();
    auto count = co_await server_.count(path);
    if (!count) co_return count.error();
    kinto::Listing everything;
    everything.since = before_all;  // tombstones too
    everything.expected = count->live;
    ListingReader reader(server_, path, std::move(everything), background_);
    while (true) {
      auto page = co_await reader.next();
      if (!page) co_return page.error();
      if (!*page) break;
      for (const kinto::Entry& entry : (*page)->entries) take(id, entry);
    }
    if (!reader.stored().empty()) {
      co_return stored_answer(server_.config(), path, reader.stored());
    }
    const bool unmoved = reader.etag() == count->etag && reader.last_etag() == count->etag;
    if (unmoved && reader.live() < count->live - reader.marked()) {
      co_return kinto::error_of(server_.config(), Errc::unproven,
                                path + " lists " + std::to_string(reader.live()) + " of the " +
                                    std::to_string(count->live) +
                                    " that it counts: nothing is concluded from it");
    }
    co_return success();
  }

  void take(ContainerId id, const kinto::Entry& entry) {
    (id.kind == ContainerKind::bucket ? id.bucket : id.name) = entry.id;
    Container container;
    container.stamp = entry.stamp;
    container.tombstone = entry.deleted;
    if (!entry.deleted) container.data = entry.raw;
    tree_.containers[std::move(id)] = std::move(container);
  }

  // Each as it is now.
  ResultTask<void> look(std::vector<ContainerId> ids) {
    for (std::size_t begin = 0, end = 0; begin < ids.size(); begin = end) {
      end = std::min(ids.size(), begin + server_.batch_max_requests());
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
