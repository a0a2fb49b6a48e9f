#pragma once
// One Kinto server: its requests, its answers, its wish to be left in peace.

#include "base/clock.hpp"
#include "base/task.hpp"
#include "base/types.hpp"
#include "http/transport.hpp"
#include "kinto/batch.hpp"
#include "kinto/flights.hpp"
#include "kinto/freshness.hpp"
#include "kinto/gather.hpp"
#include "kinto/page.hpp"
#include "kinto/portion.hpp"
#include "kinto/rate.hpp"
#include "kinto/reply.hpp"
#include "kinto/server_config.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kinto_mirror::kinto {

// What `GET /v1/` tells.
struct Hello {
  std::string version;  // of Kinto
  std::size_t batch_max_requests = 25;
  bool read_only = false;
  bool hides_permissions = false;  // `explicit_permissions = false`; shown from 14.8.0 on
  bool validates = false;          // records against the JSON schema of their collection
  bool authenticated = false;      // the server knows the user of our credentials
  std::string user;                // its id there: "basicauth:...", "account:alice"
  bool has_history = false;        // the plugin that tells of deletions which left no tombstone
  Stamp date;
};

// Which objects of a plural endpoint, in the order last_modified, id. A walk in that order misses
// nothing that stays, and `id` keeps equal stamps apart at a page's edge (hazard 36).
struct Listing {
  // In the order of ids instead, without tombstones, until a page comes that is empty: nothing that
  // is dropped on the way, nor any stamp, can make such a list look whole that is not. For what is
  // read for its number or its names. REQUIRES: neither `since` nor `before`.
  bool by_id = false;
  // Strictly newer; tombstones are listed where this is given. Kinto takes no negative stamp here,
  // and `_since=0` hides what a client has stamped 0 or less. Below 0 it is therefore another
  // filter on the stamp, which leaves out nothing but one arbitrary millisecond of 1970.
  std::optional<Stamp> since;
  std::optional<Stamp> before;      // strictly older; likewise no later than a day ahead
  bool stamps_only = false;         // `_fields=deleted`: id, last_modified and deleted, no bodies
  bool with_deleted_field = false;  // only objects that have a member `deleted`
  std::vector<std::string> ids;     // only these; all where empty
  std::int64_t limit = 0;           // objects a page; 0: as many as the server gives
  // Live objects that are to come, with this page: where fewer do, a page without a Next-Page is
  // not taken for the last one, since what stands in front of a server may drop that header.
  std::int64_t expected = 0;
  Onward from;  // Page::next of the page before
};

struct Count {
  std::int64_t live = 0;
  Stamp etag;
  Stamp date;
  std::string stored;  // as in Page
};

// A count, and the answer to a GET of something else, asked in the same request where the server
// takes batches.
struct CountBeside {
  Count count;
  Answer beside;
};

// What is newer than a stamp in a plural endpoint, as far as one short page goes.
struct Recent {
  Page page;           // ids and stamps
  bool whole = false;  // nothing lies behind it
};

// Ids of the objects of a plural endpoint, to the end: what stands behind the last one was asked.
struct Names {
  std::vector<std::string> ids;
  std::string stored;  // as in Page: what is absent may be there now
};

// REQUIRES: one thread; clock and stop outlive it. Every failure is an Error that names the server,
// the request and what the server said. Transient failures (no connection, 429, 5xx) are tried
// again within the policy's patience, except where said otherwise.
class Server {
 public:
  Server(ServerConfig config, std::unique_ptr<http::Transport> transport, Clock& clock, Stop& stop);

  [[nodiscard]] const ServerConfig& config() const noexcept { return config_; }
  void set_patience(Millis patience) noexcept { config_.retry.patience = patience; }
  void set_longest_wait(Millis wait) noexcept { config_.retry.longest_wait = wait; }
  // As last told by hello().
  [[nodiscard]] std::size_t batch_max_requests() const noexcept { return batch_max_requests_; }

  // Whether records are validated there, as last told by hello().
  [[nodiscard]] bool validates() const noexcept { return validates_; }

  // Errc::not_kinto when something answers that is no Kinto.
  ResultTask<Hello> hello();

  // True when `__heartbeat__` says that all the server's backends work. Never tried again.
  Task<bool> healthy();

  // `path` as in records_path(). The page is never taken for the last one on the server's word
  // alone: see Page::next.
  ResultTask<Page> list(std::string path, Listing listing);

  // Asked by POST, whose answers no cache stores, where the server takes batches, else by HEAD, and
  // where something refuses that too, by listing. What it tells is remembered: a list of this path
  // with an older ETag is Page::stored from then on.
  ResultTask<Count> count(std::string path);
  // A failure to count is an error, whatever was said of `beside`. With ids: of these only, and
  // nothing is remembered. REQUIRES: they fit into one address.
  ResultTask<CountBeside> count_beside(std::string path, std::string beside,
                                       std::vector<std::string> ids = {});
  // The answer to a GET that may well be a 404 or a 403: inside a batch, where the server takes
  // any, so that who counts failures in the log of a front end finds none.
  ResultTask<Answer> look(std::string path);
  // The same of several at once, answers in the same order. REQUIRES: 1 <= paths.size() <=
  // batch_max_requests().
  ResultTask<std::vector<Answer>> look(std::vector<std::string> paths);
  // Of these objects only; nothing is remembered. REQUIRES: they fit into one address.
  ResultTask<Count> count_of(std::string path, std::vector<std::string> ids);
  // The same of several paths at once; nothing of those that gave no clear answer. Where objects
  // must be listed to be counted, the count of last time will do while the ETag stays. Errors: of
  // the request as a whole. REQUIRES: paths.size() <= batch_max_requests().
  ResultTask<std::vector<std::optional<Count>>> counts(std::vector<std::string> paths);
  // Likewise: what is newer than `since` in each. Where the server takes no batches, nothing.
  // REQUIRES: as many stamps as paths.
  ResultTask<std::vector<std::optional<Recent>>> recent(std::vector<std::string> paths,
                                                        std::vector<Stamp> since);
  static constexpr std::int64_t most_recent = 100;  // objects in a Recent

  // One object, `{"data": ...}`; the page has one entry.
  ResultTask<Page> object(std::string path);

  // Of the buckets, or of a bucket's collections, that this user may see.
  ResultTask<Names> buckets();
  ResultTask<Names> collections(const std::string& bucket);

  // Sends all in one request (a single one plainly, and one after the other where a path would
  // spoil the batch), answers in the same order. Where they are few they may travel together with
  // the writes of others, which is not to be seen (gather.hpp), unless they are to have no company.
  // An error means that the request as a whole failed: with Errc::failing, rejected or too_large
  // the cause may lie in one of its parts, and the server is asked no second time here. REQUIRES: 1
  // <= requests.size() <= batch_max_requests().
  enum class Company { any, none };
  ResultTask<std::vector<Answer>> send(std::vector<Subrequest> requests,
                                       Company company = Company::any);

  // One request, plainly. A status is an answer here as it is inside a batch, but for 401 and
  // redirects, which concern the whole server.
  ResultTask<Answer> send_alone(Subrequest request);
  // The same, but transient failures are tried again, and it may travel together with others.
  // REQUIRES: it does no harm twice.
  ResultTask<Answer> send_patiently(Subrequest request);
  // Likewise some, as send() does: one after the other where the server takes no more at once.
  ResultTask<std::vector<Answer>> send_patiently(std::vector<Subrequest> requests);

  // How long the server still wants to be left alone after a failure (Retry-After).
  [[nodiscard]] Millis closed_for() const;
  // The same, also where it works and asked for peace (Backoff).
  [[nodiscard]] Millis resting_for() const;

  // What has proved to come through: objects of a list, where there is no way to tell their size
  // before, and bytes of a batch. Lists that ask for more, and batches that are larger, are not
  // refused here: whoever makes them keeps to it, and to Errc `slow` answers with less.
  [[nodiscard]] std::int64_t most_rows(bool stamps_only) const noexcept {
    return stamps_only ? stamp_rows_.most() : rows_.most();
  }
  [[nodiscard]] std::int64_t most_bytes() const noexcept { return batch_bytes_.most(); }

  // What the quickest answer since hello() took: mostly its way. (A server's first ones take long.)
  [[nodiscard]] Millis quickest() const noexcept { return quickest_; }

  void abort() { transport_->abort(); }

 private:
  enum class Retry { transient, unreachable_only, never };
  using Again = std::function<bool(const Result<Reply>&)>;
  [[nodiscard]] Again again_for(Retry retry, const std::string& method) const;
  [[nodiscard]] Again again_for_part(std::size_t parts) const;
  // A 2xx, or an error that names server and request.
  ResultTask<Reply> exchange(http::Request request, Retry retry);
  // With `parts`: a request which is those, and may be sent together with others (gather.hpp).
  using Parts = std::vector<Subrequest>;
  ResultTask<Reply> exchange(http::Request request, Again again, Parts parts = {});
  // An answer of any status.
  // No credentials are sent: the server sees a user without a name.
  [[nodiscard]] bool is_nobody() const noexcept { return config_.authorization.empty(); }
  ResultTask<Reply> exchange_any(http::Request request, Retry retry, Parts parts = {});
  ResultTask<Answer> send_plain(Subrequest request, Retry retry, Company company);
  ResultTask<Reply> exchange_while(http::Request request, Again again, Parts parts = {});
  ResultTask<Reply> attempt(const http::Request& request, const Parts& parts);
  ResultTask<Reply> attempt_page(const http::Request& request);
  ResultTask<Reply> attempt_alone(const http::Request& request);
  [[nodiscard]] Gatherer* gatherer_of(const Parts& parts);
  [[nodiscard]] bool is_small(const std::string& path, const Listing& listing) const;
  static std::int64_t limit_of_few(const Listing& listing);
  ResultTask<Page> list_now(std::string path, Listing listing, bool small);
  ResultTask<Reply> ask_now(const http::Request& request);
  ResultTask<std::string> is_old(const http::Headers& headers, Stamp clock);
  ResultTask<Names> names(std::string path);
  ResultTask<std::optional<Names>> few_names(std::string path);
  void remember_names(const std::string& path, Stamp etag, const Names& names);
  ResultTask<Stamp> etag_before_list(std::string path, const Listing& listing);
  void tell_of_early_end(const Listing& listing, const Page& page, Stamp etag);
  struct Answers {
    std::vector<Answer> answers;
    Stamp date;
  };
  ResultTask<Answers> ask_together(std::vector<Subrequest> requests, Retry retry);
  ResultTask<Answers> ask_batch(std::string body, std::vector<Subrequest> requests, Retry retry);
  void take_too_large(std::int64_t bytes);
  void take_shared(std::int64_t bytes, bool reads, const Result<Reply>& whole);
  void take_refused_batch(Errc code);
  ResultTask<Count> count_these(std::string path, Listing which);
  ResultTask<Count> count_plainly(std::string path, Listing which, bool hint);
  ResultTask<Count> count_by_head(const std::string& target);
  ResultTask<Count> count_by_get(std::string path, Listing which, bool hint);
  ResultTask<Count> count_by_listing(std::string path, Listing which);
  // A read-only node refuses all batches (405).
  [[nodiscard]] bool asks_in_batches() const {
    return !read_only_ && clock_.now() >= no_batches_until_;
  }
  ResultTask<Count> counted_or_why(std::string path, Listing which, Answer head, Stamp date);
  Result<Count> counted(const std::string& target, const Answer& answer, Stamp date);
  void remember(const std::string& target, const Count& count);
  void notice(const std::string& message);
  ResultTask<std::vector<Answer>> send_all(std::vector<Subrequest> requests, Retry retry,
                                           Company company);
  ResultTask<std::vector<Answer>> send_batch(std::vector<Subrequest> requests, Retry retry,
                                             Company company);
  void obey(const http::Headers& headers, int status);
  [[nodiscard]] Instant welcome() const noexcept;
  Task<void> wait_until_welcome();
  [[nodiscard]] http::Request request(std::string method, std::string_view path,
                                      std::string body = {}) const;
  [[nodiscard]] Error error(std::string_view method, std::string_view path, Error cause) const;
  [[nodiscard]] static std::optional<Error> failure(std::string_view method, const Reply& response);

  ServerConfig config_;
  std::unique_ptr<http::Transport> transport_;
  Clock& clock_;
  Stop& stop_;
  std::size_t batch_max_requests_ = 25;
  Instant welcome_from_{};  // no request before it (Backoff, Retry-After)
  Instant closed_until_{};  // of that, what a failing server asked for (Retry-After)
  Rate rate_;               // that something in front of it allows
  Gatherer reads_;
  Gatherer writes_;
  Flights flights_;
  ServerClock server_clock_;
  Portion rows_{1};
  Portion stamp_rows_{1};
  Portion batch_bytes_{4096};
  Portion read_bytes_{512};  // of a batch of reads, which is halved for the first cut connection
  Millis quickest_{0};
  bool validates_ = false;
  bool read_only_ = false;
  // Who refuses batches or HEAD may have done so for a moment only, and counts taken by listing
  // need not be those of others: a memory backend leaves out live records that have a member
  // `deleted`.
  static constexpr Millis asked_again_after{300'000};
  Instant no_batches_until_{};  // they were refused
  int lists_without_etag_ = 0;  // one after the other
  std::size_t cut_at_ = 0;      // objects on a page that the server has cut short of what was asked
  Instant no_heads_until_{};    // something in front of it refuses them, or drops the count
  std::unordered_map<std::string, Count> told_;  // by path, as count() told last
  struct NamesBefore {
    Stamp etag;
    std::size_t count = 0;
  };
  std::unordered_map<std::string, NamesBefore> names_before_;  // by path, of the whole
  std::set<std::string> noticed_;
  std::minstd_rand random_;
};

// "/buckets/b", percent-encoded.
std::string bucket_path(const CollectionId& id);
// "/buckets/b/collections", "/buckets/b/groups"
std::string collections_path(std::string_view bucket);
std::string groups_path(std::string_view bucket);
// "/buckets/b/collections/c"
std::string collection_path(const CollectionId& id);
// collection_path + "/records"
std::string records_path(const CollectionId& id);
// records_path + "/" + record
std::string record_path(const CollectionId& id, std::string_view record);

// The query of a listing, with its question mark.
std::string query_of(const Listing& listing);

// Whether Kinto takes `stamp` in a filter or a page's token: 0 to a day ahead of its clock, `now`.
// Records may have any.
bool may_filter_by(Stamp stamp, Stamp now) noexcept;

}  // namespace kinto_mirror::kinto
