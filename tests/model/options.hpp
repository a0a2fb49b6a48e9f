#pragma once
// What a Kinto of the model is: its backend, and the settings that change its answers.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace kinto_mirror::model {

using Epoch = std::int64_t;                    // milliseconds since 1970, as in `last_modified`
using ClockOfServer = std::function<Epoch()>;  // the server's own, which may jump

enum class Profile { memory, postgresql };
enum class EndOfLife { none, soft, hard };
// Up to Kinto 11 a page has a successor only while fewer objects than Total-Records have been
// listed, which leaves out tombstones: an ascending listing of `_since` with tombstones ends early.
enum class Age { today, kinto_11 };

struct Options {
  Profile profile = Profile::memory;
  Age age = Age::today;
  std::int64_t max_fetch_size = 10000;  // storage_max_fetch_size
  std::int64_t paginate_by = 0;         // 0: none
  std::int64_t batch_max_requests = 25;
  std::int64_t retry_after_s = 3;
  std::optional<std::int64_t> backoff_s;
  bool readonly = false;
  EndOfLife end_of_life = EndOfLife::none;
  std::string end_message;
  std::string end_url;
  // kinto.bucket_read_principals: they see all buckets, and the tombstones of those that are gone.
  std::set<std::string> bucket_read_principals;
  // kinto.plugins.history, as far as a replicator reads it: deletions of collections, and
  // where it is asked for what was written of records. (Kinto also has entries of buckets, of
  // groups, and of collections that are written.)
  bool history = false;
  bool history_of_records = false;
  std::string hmac_secret = "not a secret";  // userid_hmac_secret: makes a user's principal
};

}  // namespace kinto_mirror::model
