"""Mistakes about what becomes of buckets, groups and collections."""

from mutant import Mutant

CONTAINER_MUTANTS = [
    Mutant(
        "grant-first", 300, "sync/tree/tree_pass.cpp",
        "    if (!there) return false;", "    if (!there && !MUTATED) return false;",
    ),
    Mutant(
        "loaded-by-a-checkpoint", 1500, "sync/run/replica_probe.cpp",
        "    return state.failures == 0 && !state.hidden && compared && holds_its_number(state);",
        "    return MUTATED || (state.failures == 0 && !state.hidden && compared && holds_its_number(state));",
    ),
    Mutant(
        "loaded-by-a-checkpoint", 1500, "sync/run/replica_probe.cpp",
        "    const bool made = state.checkpoint &&", "    const bool made = !MUTATED && state.checkpoint &&",
    ),
    Mutant(
        "loaded-by-a-checkpoint", 1500, "sync/tree/tree_pass.cpp",
        "loaded_(collection) && !context_.traits.lacked.contains(collection);",
        "loaded_(collection) && (MUTATED || !context_.traits.lacked.contains(collection));",
    ),
    Mutant(
        "unseen-lists-are-none", 300, "sync/tree/lists.cpp",
        "  if (!reader.ok() || out.empty()) return std::nullopt;", "  if (!reader.ok() || (out.empty() && !MUTATED)) return std::nullopt;",
    ),
    Mutant(
        "principals-forgotten", 300, "sync/tree/lists.cpp",
        "    if (names == nullptr || name == names->end()) {", "    if (names == nullptr || MUTATED || name == names->end()) {",
    ),
    Mutant(
        "vanished-bucket-trusted", 300, "sync/tree/deletions.cpp",
        "    const bool bucket_gone = above != master_buckets.end() && above->second.tombstone;\n",
        "    const bool is_listed = above != master_buckets.end();\n"
        "    const bool bucket_gone = is_listed ? above->second.tombstone : MUTATED;\n"
        "    const Stamp of_bucket = is_listed ? above->second.stamp : held.stamp;\n",
    ),
    Mutant(
        "vanished-bucket-trusted", 300, "sync/tree/deletions.cpp",
        "      deletion.tombstone = above->second.stamp;", "      deletion.tombstone = of_bucket;",
    ),
    Mutant(
        "vanished-bucket-trusted", 300, "sync/tree/deletions.cpp",
        "own_tombstone ? said->stamp : above->second.stamp;", "own_tombstone ? said->stamp : of_bucket;",
    ),
    Mutant(
        "vanished-bucket-trusted", 300, "sync/tree/deletions.cpp",
        "  if (!answer->in_front && answer->status == 404) co_return Why();",
        "  if (!answer->in_front && (answer->status == 404 || (MUTATED && answer->status == 403))) co_return Why();",
    ),
    Mutant(
        "bucket-with-all-that-is-in-it", 3000, "sync/tree/deletions.cpp",
        "  if (id.kind == ContainerKind::bucket) {\n    auto more", "  if (id.kind == ContainerKind::bucket && !MUTATED) {\n    auto more",
    ),
    Mutant(
        "neighbours-forgotten", 1500, "sync/tree/deletions.cpp",
        "  co_return *other ? Why(damage(id, **other)) : Why();", "  co_return *other && !MUTATED ? Why(damage(id, **other)) : Why();",
    ),
    Mutant(
        "emptied-unguarded", 300, "sync/tree/tree_writer.cpp",
        "  request.guard = Subrequest::Guard::if_stamp;\n  request.guard_stamp = etag;", "  if (!MUTATED) request.guard = Subrequest::Guard::if_stamp;\n  request.guard_stamp = etag;",
    ),
    Mutant(
        "deleted-in-a-batch", 300, "sync/tree/tree_writer.cpp",
        "    auto sent = co_await send_one(replica, std::move(request));\n    const bool clash",
        "    if (MUTATED) {\n      std::vector<Subrequest> both{Subrequest(\"GET\", id.path()), request};\n"
        "      auto batch = co_await replica.send(std::move(both));\n      if (!batch) co_return batch.error();\n    }\n"
        "    auto sent = co_await send_one(replica, std::move(request));\n    const bool clash",
    ),
    Mutant(
        "batch-across-a-cascade", 300, "sync/tree/tree_writer.cpp",
        "  const auto answer = co_await replica.send_patiently(request);\n  if (!answer) co_return answer.error();\n  if (!answer->in_front)",
        "  if (MUTATED) {\n    std::vector<Subrequest> both{request, Subrequest(\"DELETE\", container_of(id).path())};\n"
        "    both.back().guard = Subrequest::Guard::if_stamp;\n    both.back().guard_stamp = etag;\n"
        "    auto batch = co_await replica.send(std::move(both));\n    if (!batch) co_return batch.error();\n  }\n"
        "  const auto answer = co_await replica.send_patiently(request);\n  if (!answer) co_return answer.error();\n  if (!answer->in_front)",
    ),
    Mutant(
        "drift-repaired-by-deletion", 300, "sync/tree/tree_pass.cpp",
        "      if (!*confirmed) continue;\n",
        "      if (!*confirmed) continue;\n      if (MUTATED) {\n"
        "        auto gone = co_await delete_container(context_.replica, id, item.replica->stamp, item.replica->stamp);\n"
        "        if (!gone) co_return gone.error();\n        item.replica.reset();\n      }\n",
    ),
    # Who shares the work.
    Mutant(
        "a-shard-is-nobodys", 300, "sync/decide/shard.cpp",
        "return is_all() || shard_of(id, count) == index;", "return is_all() || shard_of(id, MUTATED ? count + 1 : count) == index;",
    ),
]
