#include "sync/run/evidence.hpp"

#include "base/future.hpp"

#include <utility>

namespace kinto_mirror::sync {

namespace {

ResultTask<void> nothing() {
  co_return success();
}

}  // namespace

Evidence::Evidence(const PassContext& context, CollectionId id)
    : context_(context), id_(std::move(id)) {}

void Evidence::begin(Sight master, std::optional<Sight> replica) {
  shown_ = master.whole;
  if (shown_ && replica) shown_ = replica->whole;
  master_.before = std::move(master.count);
  if (replica) replica_.before = std::move(replica->count);
}

void Evidence::take(const ListingReader& reader, Listed& listed) {
  listed.first_etag = reader.etag();
  listed.last_etag = reader.last_etag();
  listed.live = reader.live();
  listed.marked = reader.marked();
  listed.stored = reader.stored();
}

void Evidence::walked(const ListingReader& master, const ListingReader* replica) {
  take(master, master_);
  if (replica != nullptr) take(*replica, replica_);
}

ResultTask<void> Evidence::prove(bool list_replica, std::int64_t grown) {
  if (!shown_) co_return shown_;
  auto looking = look_again(context_.master, master_);
  auto beside = list_replica ? look_again(context_.replica, replica_) : nothing();
  auto [of_master, of_replica] =
      co_await both(context_.background, std::move(looking), std::move(beside));
  if (!of_master) co_return of_master;
  if (!of_replica) co_return of_replica;
  auto proven = co_await hold_against(context_.master, master_, 0);
  if (!proven || replica_.before.etag == Stamp{}) co_return proven;
  co_return co_await hold_against(context_.replica, replica_, grown);
}

ResultTask<void> Evidence::look_again(kinto::Server& server, Listed& listed) {
  auto sight = co_await sight_of(server, id_, context_.clock);
  if (!sight) co_return sight.error();
  listed.after = std::move(sight->count);
  co_return sight->whole;
}

// `own`: records that we have brought into it since the count.
ResultTask<void> Evidence::hold_against(kinto::Server& server, const Listed& listed,
                                        std::int64_t own) const {
  const std::string path = kinto::records_path(id_);
  if (!listed.stored.empty()) co_return stored_answer(server.config(), path, listed.stored);
  if (!listed.before.stored.empty())
    co_return stored_answer(server.config(), path, listed.before.stored);
  // Held against whichever count shares its ETag.
  const std::int64_t later = listed.after->live - own;
  const bool is_later = is_of_later_etag(listed);
  if (is_of_one_etag(listed)) {
    if (agrees(listed) || (is_later && agrees(listed, later))) co_return success();
    if (!is_later) co_return not_the_whole(server.config(), id_, listed, listed.before.live);
  } else if (!is_later || is_exactly(listed, later)) {
    co_return success();
  }
  co_return not_the_whole(server.config(), id_, listed, later);
}

std::optional<std::int64_t> Evidence::master_count_at(Stamp etag) const {
  const bool earlier = master_.before.etag == etag;
  const bool later = master_.after->etag == etag;
  if (!earlier && !later) return std::nullopt;
  const bool only_later = later && (!earlier || (!is_exactly(master_, master_.before.live) &&
                                                 is_exactly(master_, master_.after->live)));
  return only_later ? master_.after->live : master_.before.live;
}

}  // namespace kinto_mirror::sync
