#include "sync/dump/section_writer.hpp"

#include "sync/decide/proof.hpp"
#include "sync/read/listing_reader.hpp"
#include "sync/read/visibility.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

// Times that a collection is read anew, and that it is read on from where it ended.
constexpr int most_attempts = 3;
constexpr int most_rounds = 20;
// Ids that are held of those that change while a collection is read.
constexpr std::size_t most_changed = 200'000;

// An attempt at one collection. One executor.
class SectionWriter {
 public:
  SectionWriter(const Job& job, const CollectionId& id)
      : job_(job), id_(id), path_(kinto::records_path(id)) {
    section_.id = id;
  }

  ResultTask<Section> run() {
    auto sight = co_await look();
    if (!sight) co_return sight.error();
    whole_.before = std::move(sight->count);
    auto begun = job_.output.line(begin_line(id_));
    if (!begun) co_return begun.error();
    auto read = co_await read_from(before_all);
    for (int round = 1; read && !is_settled(); ++round) {
      if (round == most_rounds) co_return restless();
      read = co_await read_from(section_.etag);
    }
    if (!read) co_return read.error();
    if (moved_) {
      auto counted = count_superseded();
      if (!counted) co_return counted.error();
    }
    whole_.live = section_.records;
    if (!is_exactly(whole_, whole_.after->live)) {
      co_return not_the_whole(job_.master.config(), id_, whole_, whole_.after->live);
    }
    auto ended = job_.output.line(to_line(section_));
    if (!ended) co_return ended.error();
    co_return std::move(section_);
  }

 private:
  // What is newer than `since`, to the end; then the count.
  ResultTask<void> read_from(Stamp since) {
    kinto::Listing listing;
    listing.since = since;  // tombstones too
    const bool first = since == before_all;
    if (first) listing.expected = whole_.before.live;
    ListingReader reader(job_.master, path_, std::move(listing), job_.background);
    while (true) {
      if (job_.stop.requested()) co_return Error(Errc::stopped, "stopped within " + id_.str());
      auto page = co_await reader.next();
      if (!page) co_return page.error();
      if (!*page) break;
      if (first && !horizon_) horizon_ = reader.etag();
      for (const kinto::Entry& entry : (*page)->entries) {
        auto written = write(entry);
        if (!written) co_return written;
      }
      job_.progress(id_, section_.lines, whole_.before.live);
    }
    if (!reader.stored().empty()) {
      co_return stored_answer(job_.master.config(), path_, reader.stored());
    }
    moved_ = moved_ || !first || reader.etag() != reader.last_etag();
    whole_.marked += reader.marked();
    section_.etag = reader.last_etag();
    auto sight = co_await look();
    if (!sight) co_return sight.error();
    whole_.after = std::move(sight->count);
    co_return success();
  }

  ResultTask<Sight> look() {
    auto sight = co_await sight_of(job_.master, id_, job_.clock);
    if (!sight) co_return sight.error();
    if (!sight->whole) co_return sight->whole.error();
    if (!sight->count.stored.empty()) {
      co_return stored_answer(job_.master.config(), path_, sight->count.stored);
    }
    co_return sight;
  }

  // What was listed last is all that there was when it was counted.
  [[nodiscard]] bool is_settled() const { return whole_.after->etag == section_.etag; }

  [[nodiscard]] Error restless() const {
    return kinto::error_of(job_.master.config(), Errc::unproven,
                           id_.str() +
                               " is written to without a pause: whatever was read, more had come; "
                               "make the dump at a quieter time");
  }

  Result<void> write(const kinto::Entry& entry) {
    const bool late = horizon_ && entry.stamp > *horizon_;
    if (late) {
      const auto [known, fresh] = changed_.try_emplace(entry.id, entry.stamp);
      // A row may be newer than the ETag of its own page, and is met again then.
      if (!fresh && known->second == entry.stamp) return success();
      known->second = entry.stamp;
      if (changed_.size() > most_changed) {
        changed_.clear();
        too_many_ = true;
      }
    }
    ++section_.lines;
    ++(entry.deleted ? section_.tombstones : section_.records);
    return job_.output.line(object_line(entry.deleted, entry.raw));
  }

  // What came while the collection was read may stand there in an older version as well.
  Result<void> count_superseded() {
    if (too_many_) {
      return Error(Errc::unproven, id_.str() + " changed by more than " +
                                       std::to_string(most_changed) +
                                       " records while it was read; make the dump at a quieter "
                                       "time");
    }
    auto lines = job_.output.since_mark();
    if (!lines) return lines.error();
    while (true) {
      auto text = lines->next();
      if (!text) return text.error();
      if (!*text) return success();
      const auto line = read_line(**text);
      if (!line) return line.error();
      const bool tombstone = line->kind == LineKind::tombstone;
      if (!tombstone && line->kind != LineKind::record) continue;
      const auto object = read_object(line->body);
      if (!object) return object.error();
      const auto newest = changed_.find(object->id);
      if (newest == changed_.end() || object->stamp >= newest->second) continue;
      --(tombstone ? section_.tombstones : section_.records);
    }
  }

  const Job& job_;
  const CollectionId& id_;
  std::string path_;
  Section section_;
  Whole whole_;
  std::optional<Stamp> horizon_;                    // the ETag of the first page
  std::unordered_map<std::string, Stamp> changed_;  // newer than that: the newest of each id
  bool moved_ = false;     // the collection was written to while it was read
  bool too_many_ = false;  // of those, so that none are held
};

bool may_go_better(Errc code) noexcept {
  return code == Errc::unproven;
}

}  // namespace

ResultTask<Section> write_section(const Job& job, CollectionId id) {
  auto marked = job.output.mark();
  if (!marked) co_return marked.error();
  for (int attempt = 1;; ++attempt) {
    SectionWriter writer(job, id);
    auto written = co_await writer.run();
    const bool again = !written && may_go_better(written.error().code) && attempt < most_attempts;
    if (!again) co_return written;
    auto taken_back = job.output.take_back();
    if (!taken_back) co_return taken_back.error();
  }
}

}  // namespace kinto_mirror::sync::dump
