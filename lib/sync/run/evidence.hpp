#pragma once
// What both servers have shown of one collection in a pass, and whether it is the whole of it: only
// then may something be concluded from what was not met (docs/evidence.md).

#include "sync/decide/proof.hpp"
#include "sync/pass_context.hpp"
#include "sync/read/listing_reader.hpp"
#include "sync/read/visibility.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

// In this order: begin(), the walk, walked(), prove(), and then all that may be asked. One
// executor; `context` outlives it.
class Evidence {
 public:
  Evidence(const PassContext& context, CollectionId id);

  // As both were seen before the walk; nothing of a replica that has no such collection.
  void begin(Sight master, std::optional<Sight> replica);

  // The walk is over: what these readers have listed. `replica`: null where it was not listed.
  void walked(const ListingReader& master, const ListingReader* replica);

  // Looks at both again, and holds each list against the server's own counts. Success where all was
  // shown and listed, and is of now; else Errc::unproven, forbidden, or why it could not be asked.
  // `grown`: records that the pass itself has brought to the replica.
  ResultTask<void> prove(bool list_replica, std::int64_t grown);

  // Before the walk, as the server counts; 0 where it could not be asked.
  [[nodiscard]] std::int64_t master_live() const noexcept { return master_.before.live; }
  [[nodiscard]] std::int64_t replica_live() const noexcept { return replica_.before.live; }

  // The list of the master and the count before it are of one ETag.
  [[nodiscard]] bool master_is_of_one_etag() const noexcept { return is_of_one_etag(master_); }

  // The replica's count after the walk.
  [[nodiscard]] const std::optional<kinto::Count>& replica_after() const noexcept {
    return replica_.after;
  }

  // Records with a member `deleted`, which memory backends do not count, were listed somewhere.
  [[nodiscard]] bool has_marked() const noexcept { return master_.marked + replica_.marked > 0; }

  // N of a checkpoint with this ETag: N and E come from one answer, or N is unknown. Of two answers
  // it is the one that the list agrees with: what came under past stamps behind the walk must break
  // the chain. Nothing where neither is of that ETag.
  [[nodiscard]] std::optional<std::int64_t> master_count_at(Stamp etag) const;

 private:
  struct Listed : Whole {
    std::string stored;  // shows that a page was stored on its way; empty: none was
  };

  static void take(const ListingReader& reader, Listed& listed);
  ResultTask<void> look_again(kinto::Server& server, Listed& listed);
  ResultTask<void> hold_against(kinto::Server& server, const Listed& listed,
                                std::int64_t own) const;

  const PassContext& context_;
  CollectionId id_;
  Listed master_;
  Listed replica_;
  Result<void> shown_ = success();  // whether both showed the whole before the walk
};

}  // namespace kinto_mirror::sync
