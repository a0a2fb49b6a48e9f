#include "sync/dump/dump.hpp"

#include "sync/decide/proof.hpp"
#include "sync/dump/section_writer.hpp"
#include "sync/read/discover.hpp"
#include "sync/tree/tree_reader.hpp"

#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

class Dump {
 public:
  Dump(const Job& job, const Scope& scope) : job_(job), scope_(scope) {}

  ResultTask<Dumped> run(std::vector<std::string> patterns) {
    auto greeted = co_await job_.master.hello();
    if (!greeted) co_return greeted.error();
    out_.header.master = job_.master.config().url;
    out_.header.collections = std::move(patterns);
    // Some servers send no Date.
    out_.header.date = greeted->date > Stamp{} ? greeted->date : job_.clock.wall();
    auto written = job_.output.line(to_line(out_.header));
    if (!written) co_return written.error();
    auto found = co_await discover(job_.master, job_.background, scope_);
    if (!found) co_return found.error();
    if (auto why = incomplete(*found)) co_return std::move(*why);
    auto tree = co_await read_containers(*found);
    if (!tree) co_return tree.error();
    written = write_containers(*tree);
    if (!written) co_return written.error();
    for (const CollectionId& id : found->ids) {
      const Container* const container = tree->find(container_of(id));
      if (container != nullptr && container->tombstone) continue;
      auto section = co_await write_section(job_, id);
      if (!section) co_return section.error();
      out_.totals.records += section->records;
      out_.totals.tombstones += section->tombstones;
      ++out_.totals.sections;
      out_.sections.push_back(std::move(*section));
    }
    written = end();
    if (!written) co_return written.error();
    co_return std::move(out_);
  }

 private:
  // Why it would be no dump of the scope.
  [[nodiscard]] std::optional<Error> incomplete(const Discovered& found) const {
    if (found.refused) return *found.refused;
    const kinto::ServerConfig& config = job_.master.config();
    if (!found.stored.empty()) return stored_answer(config, "/buckets", found.stored);
    // Of a scope that is shared out, the containers alone may be this one's.
    if (found.ids.empty() && found.others.empty()) {
      return kinto::error_of(config, Errc::not_found,
                             "no collection that it shows is in scope: it has none of that name, "
                             "or its user may read none");
    }
    for (const CollectionId& id : found.ids) {
      if (id.collection != "*") continue;
      return kinto::error_of(config, Errc::forbidden,
                             "it does not show bucket " + id.bucket +
                                 ", which --collections names: it does not exist there, or the "
                                 "master's user may not list its collections");
    }
    for (const std::string& bucket : found.hidden) {
      job_.notice("bucket " + bucket +
                  " is left out: the master's user may not list its collections; it needs the "
                  "right to read the bucket");
    }
    return std::nullopt;
  }

  ResultTask<Tree> read_containers(const Discovered& found) {
    auto buckets = co_await read_bucket_list(job_.master, job_.background);
    if (!buckets) co_return buckets.error();
    TreeWish wish;
    wish.groups = true;
    wish.named = {found.ids.begin(), found.ids.end()};
    wish.with_lists = {ContainerKind::bucket, ContainerKind::group, ContainerKind::collection};
    for (const CollectionId& id : found.ids) wish.buckets.insert(id.bucket);
    Containers deleted;
    for (auto& [id, container] : *buckets) {
      if (!scope_.covers_bucket(id.bucket) || found.hidden.contains(id.bucket)) continue;
      if (container.tombstone) {
        deleted[id] = container;
      } else {
        wish.buckets.insert(id.bucket);
      }
    }
    auto tree = co_await read_tree(job_.master, job_.background, std::move(wish));
    if (!tree) co_return tree.error();
    if (!tree->failed.empty()) co_return tree->failed.begin()->second;
    for (const std::string& bucket : tree->no_groups) {
      job_.notice("the groups of bucket " + bucket +
                  " are left out: the master's user may not list them");
    }
    tree->containers.merge(deleted);
    co_return tree;
  }

  [[nodiscard]] bool in_scope(const ContainerId& id) const {
    if (id.kind != ContainerKind::collection) return scope_.owns_bucket(id.bucket);
    return scope_.contains(CollectionId(id.bucket, id.name));
  }

  Result<void> write_containers(const Tree& tree) {
    for (const auto& [id, container] : tree.containers) {
      if (!in_scope(id)) continue;
      auto written = job_.output.line(to_line(id, container));
      if (!written) return written;
      ++out_.totals.containers;
      if (!container.tombstone) ++number_of(id.kind);
    }
    return success();
  }

  std::int64_t& number_of(ContainerKind kind) {
    switch (kind) {
      case ContainerKind::bucket:
        return out_.buckets;
      case ContainerKind::group:
        return out_.groups;
      case ContainerKind::collection:
        return out_.collections;
    }
    return out_.collections;
  }

  Result<void> end() {
    out_.totals.lines = job_.output.lines();
    out_.totals.sha256 = job_.output.sha256();
    auto written = job_.output.line(to_line(out_.totals));
    if (!written) return written;
    return job_.output.finish();
  }

  const Job& job_;
  const Scope& scope_;
  Dumped out_;
};

}  // namespace

ResultTask<Dumped> make_dump(const Job& job, const Scope& scope,
                             std::vector<std::string> patterns) {
  Dump dump(job, scope);
  co_return co_await dump.run(std::move(patterns));
}

}  // namespace kinto_mirror::sync::dump
