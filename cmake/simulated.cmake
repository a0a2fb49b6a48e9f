# What the simulator (tests/simulate) compiles for itself; the linker prefers its objects to those of the libraries.

# Copies with switches for mutants.
set(KINTO_MIRROR_MUTATED
  kinto/batch.cpp kinto/exchange.cpp kinto/rate.cpp kinto/reads.cpp kinto/reply.cpp sync/write/applier.cpp sync/run/audit.cpp sync/run/audit_walk.cpp sync/run/evidence.cpp sync/decide/batching.cpp
  sync/decide/barrier.cpp sync/decide/brake.cpp sync/decide/resets.cpp sync/decide/checkpoint.cpp sync/run/follow.cpp sync/decide/plan.cpp sync/decide/after_pass.cpp
  sync/decide/look.cpp sync/decide/shard.cpp sync/decide/visits.cpp sync/decide/write.cpp sync/run/replica_probe.cpp
  sync/tree/deletions.cpp sync/tree/lists.cpp sync/tree/tree_pass.cpp sync/tree/tree_writer.cpp)

# Optimised: a world spends much of its time in them.
set(KINTO_MIRROR_BUSY
  base/json_scan.cpp base/json_slice.cpp base/json_text.cpp http/transport.cpp kinto/counts.cpp kinto/date.cpp kinto/freshness.cpp
  kinto/page.cpp kinto/paths.cpp kinto/server.cpp kinto/status.cpp kinto/together.cpp sync/read/listing_reader.cpp sync/read/look_up.cpp sync/read/probe.cpp sync/read/visibility.cpp)

set(KINTO_MIRROR_SIMULATED ${KINTO_MIRROR_MUTATED} ${KINTO_MIRROR_BUSY})
