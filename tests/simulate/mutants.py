#!/usr/bin/env python3
"""Mistakes that the engine does not make, as switches in copies of its sources, and of these copies the simulator is
built: it must find each of them out.

usage: mutants.py LIB_FOLDER OUTPUT_FOLDER"""

import re
import sys
from pathlib import Path

from container_mutants import CONTAINER_MUTANTS
from mutant import Mutant


MUTANTS = [
    Mutant(
        "cursor-of-last-page", 1000, "sync/run/follow.cpp",
        "next_cursor(reader.etag(), reader.date(), context_.options.overlap)",
        "MUTATED ? reader.last_etag() : next_cursor(reader.etag(), reader.date(), context_.options.overlap)",
    ),
    Mutant(
        "count-trusted", 300, "sync/decide/look.cpp",
        "|| state.probed->etag != state.checkpoint->etag;",
        "|| (!MUTATED && state.probed->etag != state.checkpoint->etag);",
    ),
    Mutant("no-overlap", 1500, "sync/decide/checkpoint.cpp", "newest.ms - overlap.count()", "newest.ms - (MUTATED ? 0 : overlap.count())"),
    Mutant(
        "clash-in-batch-ignored", 1500, "sync/decide/batching.cpp",
        "outcome.verdict == Verdict::clash ||", "(outcome.verdict == Verdict::clash && !MUTATED) ||",
    ),
    Mutant(
        "checkpoint-before-confirm", 600, "sync/run/follow.cpp",
        "      next_etag_ = reader.etag();\n",
        "      next_etag_ = reader.etag();\n      if (MUTATED) result_.cursor = next_cursor_, result_.etag = next_etag_;\n",
    ),
    Mutant(
        "checkpoint-before-confirm", 600, "sync/decide/after_pass.cpp",
        "  if (result.end != PassEnd::confirmed) return std::nullopt;\n", "  if (result.end != PassEnd::confirmed && !MUTATED) return std::nullopt;\n",
    ),
    Mutant(
        "part-of-a-listing-trusted", 1500, "sync/run/evidence.cpp",
        "  if (!shown_) co_return shown_;\n", "  if (!shown_ && !MUTATED) co_return shown_;\n",
    ),
    Mutant(
        "part-of-a-listing-trusted", 1500, "sync/run/evidence.cpp",
        "  co_return sight->whole;\n", "  if (MUTATED) co_return success();\n  co_return sight->whole;\n",
    ),
    Mutant(
        "delete-on-404", 1500, "sync/run/audit.cpp",
        "    if (!master && !is_hidden(master.error().code)) co_return master.error();\n",
        "    if (!master && !is_hidden(master.error().code)) co_return master.error();\n"
        "    if (!master && MUTATED && result_.report.id.collection != \"*\") master = Sight{};\n",
    ),
    Mutant(
        "delete-on-404", 1500, "sync/run/audit_walk.cpp",
        "      auto loaded = co_await load_master(master, applier);\n",
        "      auto loaded = co_await load_master(master, applier);\n"
        "      if (!loaded && MUTATED && is_hidden(loaded.error().code)) break;\n",
    ),
    Mutant(
        "delete-on-404", 1500, "sync/run/evidence.cpp",
        "  if (!sight) co_return sight.error();\n",
        "  if (!sight && MUTATED && is_hidden(sight.error().code)) {\n"
        "    listed.after = kinto::Count{};\n    co_return success();\n  }\n"
        "  if (!sight) co_return sight.error();\n",
    ),
    Mutant(
        "extras-never-kept", 300, "sync/run/audit.cpp",
        "leave.all = context_.options.extras == Extras::remove;",
        "leave.all = context_.options.extras == Extras::remove || MUTATED;",
    ),
    Mutant("no-brake", 300, "sync/decide/brake.cpp", "  if (input.deletes <= input.released) return false;", "  if (input.deletes <= input.released || MUTATED) return false;"),
    Mutant(
        "unguarded-update", 300, "kinto/batch.cpp",
        "    case Guard::if_stamp:", "    case Guard::if_stamp:\n      if (MUTATED) return std::nullopt;",
    ),
    Mutant(
        "descending-writes", 300, "sync/write/applier.cpp",
        "  KINTO_MIRROR_REQUIRE(!has_stamp(write) || write.change.stamp >= newest_added_);",
        "  KINTO_MIRROR_REQUIRE(MUTATED || !has_stamp(write) || write.change.stamp >= newest_added_);",
    ),
    Mutant(
        "descending-writes", 300, "sync/run/follow.cpp",
        "    for (const kinto::Entry& change : changes) {\n      Difference difference;",
        "    if (MUTATED) std::ranges::reverse(changes);\n    for (const kinto::Entry& change : changes) {\n      Difference difference;",
    ),
    Mutant(
        "no-audit", 300, "sync/decide/visits.cpp",
        "  if (now >= state.audit_at) return", "  if (now >= state.audit_at && !MUTATED) return",
    ),
    Mutant(
        "tombstones-ignored", 300, "sync/decide/plan.cpp",
        "if (change.tombstone && !alive)", "if (change.tombstone && (!alive || MUTATED))",
    ),
    Mutant(
        "unstamped-delete", 300, "sync/decide/write.cpp",
        "const bool stamped = at > Stamp{};", "const bool stamped = at > Stamp{} && !MUTATED;",
    ),
    Mutant(
        "refused-guard-is-success", 300, "sync/decide/write.cpp",
        "answer.existing == wanted && write.action", "(answer.existing == wanted || MUTATED) && write.action",
    ),
    Mutant(
        "batch-after-a-failed-one", 600, "sync/write/applier.cpp",
        "  if (error_) co_return *error_;\n  group_.spawn", "  if (error_ && !MUTATED) co_return *error_;\n  group_.spawn",
    ),
    Mutant(
        "newer-than-the-audit", 1500, "sync/run/audit_walk.cpp",
        "return written_to &&", "return !MUTATED && written_to &&",
    ),
    Mutant(
        "listed-older-than-replica", 1000, "sync/decide/plan.cpp",
        "if (ahead && knowledge == Knowledge::listed) return", "if (ahead && knowledge == Knowledge::listed && !MUTATED) return",
    ),
    Mutant(
        "backoff-ignored", 300, "kinto/exchange.cpp",
        "  co_await wait_until_welcome();\n", "  if (!MUTATED) co_await wait_until_welcome();\n  if (MUTATED) welcome_from_ = {};\n",
    ),
    Mutant(
        "in-sync-without-looking", 300, "sync/run/audit_walk.cpp",
        "  std::optional<Side> replica;\n  if (list_replica) {", "  std::optional<Side> replica;\n  if (list_replica && !MUTATED) {",
    ),
    # What counts as the whole of a list.
    Mutant(
        "short-page-is-the-end", 300, "kinto/reads.cpp",
        "} else if (may_go_on(", "} else if (!MUTATED && may_go_on(",
    ),
    Mutant(
        "count-not-held-against-list", 1500, "kinto/reads.cpp",
        '} else if (!mutated("short-page-is-the-end") && may_go_on(',
        '} else if (!mutated("short-page-is-the-end") && !MUTATED && may_go_on(',
    ),
    Mutant(
        "count-not-held-against-list", 1500, "sync/run/evidence.cpp",
        "  const bool is_later = is_of_later_etag(listed);\n",
        "  const bool is_later = is_of_later_etag(listed);\n  if (MUTATED) co_return success();\n",
    ),
    # What an answer that may be old is worth.
    Mutant(
        "old-answer-believed", 1500, "kinto/reads.cpp",
        "  page->stored = std::move(response->stored);\n  if (page->stored.empty() && page->etag",
        "  page->stored = std::move(response->stored);\n  if (MUTATED) page->stored.clear(), told_.clear();\n"
        "  if (!MUTATED && page->stored.empty() && page->etag",
    ),
    # What ends the proof of a checkpoint.
    Mutant(
        "broken-chain-ignored", 1500, "sync/decide/resets.cpp",
        "  const bool moved = polled.etag > before.etag;\n",
        "  if (MUTATED) return std::nullopt;\n  const bool moved = polled.etag > before.etag;\n",
    ),
    Mutant(
        "start-is-no-break", 1500, "sync/decide/look.cpp",
        "  state.audit_at = now;\n  return false;\n",
        "  state.audit_at = now;\n  if (MUTATED) state.audit_at = now + Millis{3'600'000}, step(state, ChainEvent::confirmed);\n  return false;\n",
    ),
    # What is left of a collection that was deleted and made anew between two looks.
    Mutant(
        "history-not-asked", 600, "sync/run/audit.cpp",
        "    if (context_.traits.master_has_history) {", "    if (context_.traits.master_has_history && !MUTATED) {",
    ),
    Mutant(
        "history-without-an-end", 600, "sync/run/audit.cpp",
        "leave.up_to = to_follow(before_, *former);", "leave.up_to = to_follow(before_, *former);\n      if (MUTATED && former->ended) leave.all = true;",
    ),
    # Whose fault a refusal is.
    Mutant(
        "limiter-is-a-refusal", 1500, "kinto/reply.cpp",
        "  return may_be && method", "  return !MUTATED && may_be && method",
    ),
    Mutant(
        "barrier-assumes", 1500, "sync/decide/barrier.cpp",
        '  if (state.paused) return stays("it is paused; resume it first");\n',
        '  if (state.paused) return stays("it is paused; resume it first");\n  if (MUTATED) return std::nullopt;\n',
    ),
    Mutant(
        "barrier-lists-nothing", 1500, "sync/decide/barrier.cpp",
        "  if (standing.listed_at < since) {",
        "  if (standing.listed_at < since && !MUTATED) {",
    ),
    Mutant("limiter-not-slowed", 1500, "kinto/rate.cpp", "  if (sent < slowed_) return;", "  if (sent < slowed_ || MUTATED) return;"),
    *CONTAINER_MUTANTS,
]

# The worlds have few records, so that bounds are small here, and the simulator counts which branches they reach.
ALWAYS = [
    ("sync/run/audit_walk.cpp", "constexpr std::size_t window = 250;", "constexpr std::size_t window = 3;"),
    ("sync/run/audit_walk.cpp", "constexpr std::size_t max_pending = 100'000;", "constexpr std::size_t max_pending = 15;"),
    ("sync/run/follow.cpp", "constexpr std::size_t page_window = 250;",
     "constexpr std::size_t page_window = 3;"),
    ("sync/run/follow.cpp", "constexpr std::size_t max_added = 10'000;", "constexpr std::size_t max_added = 5;"),
    (
        "sync/decide/write.cpp",
        "Outcome classify(const Write& write, const std::vector<Answer>& answers) {",
        "Outcome classify_unseen(const Write& write, const std::vector<Answer>& answers) {",
    ),
]


def substitute(text: str, file: str, before: str, after: str) -> str:
    if text.count(before) != 1:
        sys.exit(f"tests/simulate/mutants.py: this should stand exactly once in lib/{file}:\n{before}")
    return text.replace(before, after)


def words(texts: list[str]) -> set[str]:
    return set(re.findall(r"\w+", " ".join(texts)))


def keep_what_stands_there() -> None:
    """While it is switched off, a mutant is the daemon: it has every word of the lines whose place it takes."""
    for name in {m.name for m in MUTANTS}:
        lines = [m for m in MUTANTS if m.name == name]
        if lost := words([m.before for m in lines]) - words([m.after for m in lines]):
            sys.exit(f"tests/simulate/mutants.py: {name} drops {', '.join(sorted(lost))}, switched off too")


def main() -> None:
    keep_what_stands_there()
    lib, output = Path(sys.argv[1]), Path(sys.argv[2])
    copies: dict[str, str] = {}
    changes = [(m.file, m.before, m.after.replace("MUTATED", f'mutated("{m.name}")')) for m in MUTANTS]
    for file, before, after in [*changes, *ALWAYS]:
        text = copies.get(file) or '#include "mutant.hpp"\n' + (lib / file).read_text()
        copies[file] = substitute(text, file, before, after)
    for file, text in copies.items():
        (output / file).parent.mkdir(parents=True, exist_ok=True)
        (output / file).write_text(text)
    seeds = {m.name: m.seeds for m in MUTANTS}
    lines = [f'    KnownMutant{{"{name}", {count}}},\n' for name, count in seeds.items()]
    (output / "known_mutants.inc").write_text("".join(lines))


if __name__ == "__main__":
    main()
