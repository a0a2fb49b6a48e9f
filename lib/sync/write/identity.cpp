#include "sync/write/identity.hpp"

#include "base/json_slice.hpp"
#include "kinto/status.hpp"
#include "sync/decide/scope.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using kinto::Server;
using kinto::Subrequest;
using What = Shown::What;

// In 32 hexadecimal digits: no two daemons ever draw the same.
std::string random_nonce() {
  constexpr std::string_view digits = "0123456789abcdef";
  thread_local std::random_device device;  // to open it takes longer than to draw
  std::string out;
  for (int words = 0; words < 4; ++words) {
    std::uint32_t word = device();
    for (int i = 0; i < 8; ++i, word >>= 4U) out += digits[word & 15U];
  }
  return out;
}

CollectionId identity() {
  return {std::string(checkpoint_bucket), "identity"};
}

std::string bucket_path() {
  return kinto::bucket_path(identity());
}

std::string identity_path() {
  return kinto::collection_path(identity());
}

std::string address(const Server& server) {
  return server.config().name + " " + server.config().url;
}

bool alike(const Shown& one, const Shown& other) noexcept {
  return one.what == What::identity && other.what == What::identity && !one.nonce.empty() &&
         one.nonce == other.nonce;
}

void tell_likeness(const PassContext& context, std::string_view what) {
  context.observer.notice(
      context.replica.config().name, CollectionId(),
      address(context.master) + " and " + address(context.replica) +
          " look like one server under two names: " + std::string(what) +
          "; a server that is compared with itself is always in sync, so give the address of "
          "another one, unless one of the two holds a copy of the other's database");
}

// The ETag of the list of buckets tells to the millisecond when the list was first asked for or
// last changed, so that two servers share it by a rare chance only. Nothing where the user may not
// list them.
Task<std::optional<Stamp>> etag_of_buckets(Server& server) {
  Subrequest head("HEAD", "/buckets");
  const auto answer = co_await server.send_alone(std::move(head));
  if (!answer || answer->status != 200) co_return std::nullopt;
  co_return answer->etag;
}

Task<void> look_only(const PassContext& context, Shown replica) {
  const Shown master = co_await look_for_identity(context.master);
  if (master.what == What::unknown) co_return;
  if (alike(master, replica)) {
    tell_likeness(context, "both show the same " + identity_path());
    co_return;
  }
  // No daemon was here yet.
  if (master.what == What::identity || replica.what == What::identity) co_return;
  const auto one = co_await etag_of_buckets(context.master);
  if (!one) co_return;
  const auto other = co_await etag_of_buckets(context.replica);
  if (one == other) tell_likeness(context, "their lists of buckets have the same ETag");
}

// Finds out by writing to the replica.
class Trial {
 public:
  Trial(const PassContext& context, Shown before) : context_(context) {
    known_.before = std::move(before);
  }

  ResultTask<void> run() {
    // Each further look is owed to another daemon that wrote in between.
    constexpr int max_looks = 8;
    bool likeness = false;
    for (int looks = 0; looks < max_looks && !context_.stop.requested(); ++looks) {
      const Shown master = co_await look_for_identity(context_.master);
      if (master.what == What::unknown) break;
      // Where it had none, that is to be written whatever it shows by now.
      const bool had_none =
          looks == 0 && known_.before.what != What::identity && known_.before.what != What::unknown;
      Shown replica = known_.before;
      if (!had_none) replica = co_await look_for_identity(context_.replica);
      const Kinship found = kinship(master, replica, known_);
      if (found == Kinship::apart) co_return success();
      if (found == Kinship::one) co_return co_await refuse();
      if (found == Kinship::unknown) break;
      likeness = alike(master, replica);
      known_.before = replica;
      if (found == Kinship::open && !co_await mark(replica)) break;
    }
    // One server, or two of which the daemon may not write to the one.
    if (likeness) tell_likeness(context_, "both show the same " + identity_path());
    co_return success();
  }

 private:
  // Gives the replica a new nonce in the place of `found`. False where that cannot be done; true
  // also where somebody was faster.
  Task<bool> mark(const Shown& found) {
    const bool makes_bucket = found.what == What::forbidden || bucket_lost_;
    std::vector<Subrequest> puts;
    if (makes_bucket) {
      puts.emplace_back("PUT", bucket_path());
      puts.back().guard = Subrequest::Guard::if_absent;
    }
    known_.own = random_nonce();
    Subrequest& put = puts.emplace_back("PUT", identity_path());
    put.data = R"({"nonce":")" + known_.own + "\"}";
    put.permissions = R"({"read":["system.Everyone"]})";
    const bool there = found.what == What::identity;
    put.guard = there ? Subrequest::Guard::if_stamp : Subrequest::Guard::if_absent;
    put.guard_stamp = found.stamp;
    const auto answers = co_await context_.replica.send_patiently(std::move(puts));
    if (!answers) co_return false;
    const kinto::Answer& answer = answers->back();
    const int of_bucket = makes_bucket ? answers->front().status : 200;
    if (makes_bucket && (of_bucket == 200 || of_bucket == 201)) bucket_made_ = true;
    const int status = answer.status;
    if (status == 200 || status == 201) {
      known_.before = Shown{What::identity, known_.own, answer.stamp.value_or(Stamp{})};
      co_return true;
    }
    // The bucket was removed in between, or the right to write there is missing. (Who may not make
    // the bucket may still be allowed to make a collection in it.)
    bucket_lost_ = is_hidden(kinto::code_of_status(status)) && !answer.in_front;
    if (bucket_lost_) co_return of_bucket != 403;
    // Another daemon has written it, or taken the stamp, which PostgreSQL holds once.
    co_return status == 412 || status == 409;
  }

  ResultTask<void> refuse() {
    std::string left = co_await remove();
    if (left.empty()) left = "what was written there to find that out has been removed";
    co_return Error(Errc::config,
                    address(context_.master) + " and " + address(context_.replica) +
                        " are one and the same server, under two addresses: what is written to "
                        "the replica stands on the master at once. Nothing was copied, and " +
                        left + "; give the address of another server as master or as replica");
  }

  // What is left where it cannot be removed, in words.
  Task<std::string> remove() {
    std::string failed = co_await erase(identity_path());
    if (!failed.empty() || !bucket_made_) co_return failed;
    // Another daemon may have put something of its own there since: for good, or to find out the
    // same.
    constexpr int max_waits = 3;
    for (int waits = 0;; ++waits) {
      const auto count = co_await context_.replica.count(bucket_path() + "/collections");
      if (!count || count->live == 0) break;
      if (waits == max_waits) co_return std::string();
      co_await context_.clock.sleep(Millis{500}, context_.stop);
    }
    co_return co_await erase(bucket_path());
  }

  Task<std::string> erase(std::string path) {
    Subrequest request("DELETE", path);
    const auto answer = co_await context_.replica.send_patiently(std::move(request));
    std::string why =
        answer ? kinto::said(answer->status, answer->message) : answer.error().message;
    if (answer && answer->status < 300) co_return std::string();
    // A bucket that is gone answers 403.
    const bool hidden = answer && is_hidden(kinto::code_of_status(answer->status));
    if (hidden && !answer->in_front) co_return std::string();
    co_return path + ", written there to find that out, could not be removed (" + why +
        "): delete it by hand";
  }

  const PassContext& context_;
  SoFar known_;
  bool bucket_made_ = false;
  bool bucket_lost_ = false;
};

}  // namespace

Kinship kinship(const Shown& master, const Shown& replica, const SoFar& known) {
  if (master.what == What::unknown) return Kinship::unknown;
  if (!known.own.empty() && master.what == What::identity && master.nonce == known.own) {
    return Kinship::one;
  }
  if (replica.what == What::unknown) return Kinship::unknown;
  if (replica.what != What::identity || replica.nonce.empty()) return Kinship::open;
  if (alike(master, replica)) return Kinship::open;
  return replica == known.before ? Kinship::apart : Kinship::restless;
}

// A cache may answer for a server; but each of these requests asks for a field of a name of its
// own.
Task<Shown> look_for_identity(Server& server) {
  const std::string path = identity_path() + "?_fields=nonce," + random_nonce();
  const auto object = co_await server.object(path);
  Shown shown;
  if (!object) {
    const Errc code = object.error().code;
    if (code == Errc::not_found) shown.what = What::nothing;
    // Also a user who is not known there: everybody may read the identity where there is one.
    if (code == Errc::forbidden || code == Errc::credentials) shown.what = What::forbidden;
    co_return shown;
  }
  const kinto::Entry& found = object->entries.front();
  shown.what = What::identity;
  shown.stamp = found.stamp;
  if (const auto nonce = json::member(found.raw, "nonce")) {
    shown.nonce = json::to_string(*nonce).value_or("");
  }
  co_return shown;
}

ResultTask<void> tell_apart(PassContext context, Shown before) {
  if (context.options.dry_run) {
    co_await look_only(context, std::move(before));
    co_return success();
  }
  Trial trial(context, std::move(before));
  co_return co_await trial.run();
}

}  // namespace kinto_mirror::sync
