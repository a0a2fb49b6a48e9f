#include "sync/write/containers.hpp"

#include "kinto/reply.hpp"
#include "kinto/status.hpp"
#include "sync/decide/scope.hpp"

#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::Answer;
using kinto::Server;
using kinto::Subrequest;

Error refused(const Server& server, const std::string& path, const Answer& answer) {
  Errc code = kinto::code_of_status(answer.status);
  std::string hint;
  if (answer.in_front) {
    if (kinto::may_be_turned_away(answer.status)) code = Errc::turned_away;
    hint = kinto::in_front;
  }
  if (code == Errc::forbidden) {
    const std::string above = path.substr(0, path.rfind("/collections/"));
    hint = above == path ? "; its user needs the right to create it"
                         : "; its user needs the right to write " + above +
                               ", or to create collections there";
  }
  if (code == Errc::read_only) hint = "; give the URL of the writable node behind this one";
  return kinto::error_of(
      server.config(), code,
      "creating " + path + ": " + kinto::said(answer.status, answer.message) + hint, answer.status);
}

Error no_right(const Server& server, const std::string& path) {
  Answer answer;
  constexpr int forbidden = 121;
  answer.status = 403;
  answer.error_number = forbidden;
  answer.message = "Forbidden";
  return refused(server, path, answer);
}

// No record that is looked at here has it.
constexpr Stamp never_held{1};

enum class Put { created, existed, forbidden };

// PUT that never touches what is there already.
ResultTask<Put> put_if_absent(Server& replica, std::string path, std::string data) {
  constexpr int max_clashes = 20;
  for (int tries = 0;; ++tries) {
    Subrequest put("PUT", path);
    put.data = data;
    put.guard = Subrequest::Guard::if_absent;
    const auto answer = co_await replica.send_patiently(std::move(put));
    if (!answer) co_return answer.error();
    if (answer->in_front) co_return refused(replica, path, *answer);
    switch (answer->status) {
      case 200:
      case 201:
        co_return Put::created;
      case 412:
        co_return Put::existed;
      case 403:
      case 404:
        co_return Put::forbidden;
      case 409:
        // A stamp that another container of the replica has already: the server chooses another one
        // the next time, and of ours the next free one will do.
        if (tries < max_clashes) {
          const auto object = kinto::parse_object("{\"data\":" + data + "}");
          if (object) data = kinto::with_stamp(data, Stamp{object->entries.front().stamp.ms + 1});
          break;
        }
        [[fallthrough]];
      default:
        co_return refused(replica, path, *answer);
    }
  }
}

// The object's own bytes on the master; nothing where Kinto itself says that this user may not see
// it. What another 403 hides may be shown the next time. One that is not there (any more) is not to
// be made: what nobody knows of would stay as the replica's own.
ResultTask<std::string> metadata(Server& master, std::string path) {
  constexpr int forbidden = 121;
  constexpr int says_no_user = 104;
  auto answer = co_await master.send_patiently(Subrequest("GET", path));
  if (!answer) co_return answer.error();
  if (!answer->in_front && answer->status == 200) co_return std::move(answer->object);
  const bool own = answer->error_number == forbidden || answer->error_number == says_no_user;
  if (answer->status == 403 && own) co_return std::string();
  Errc code = kinto::code_of_status(answer->status);
  std::string what = "GET " + path + ": " + kinto::said(answer->status, answer->message);
  if (answer->in_front) what += kinto::in_front;
  if (answer->in_front && kinto::may_be_turned_away(answer->status)) code = Errc::turned_away;
  co_return kinto::error_of(master.config(), code, what, answer->status);
}

}  // namespace

Task<void> warm(Server& replica, std::string path) {
  [[maybe_unused]] const auto ignored = co_await replica.count(std::move(path));
}

ResultTask<bool> ensure_collection(const PassContext& context, CollectionId id) {
  const std::string path = kinto::collection_path(id);
  auto data = co_await metadata(context.master, path);
  if (!data) co_return data.error();
  auto put = co_await put_if_absent(context.replica, path, *data);
  if (!put) co_return put.error();
  if (*put == Put::forbidden) {
    // A bucket that does not exist answers 403 to everybody.
    const std::string bucket = kinto::bucket_path(id);
    auto bucket_data = co_await metadata(context.master, bucket);
    if (!bucket_data) co_return bucket_data.error();
    auto made = co_await put_if_absent(context.replica, bucket, std::move(*bucket_data));
    if (!made) co_return made.error();
    if (*made == Put::forbidden) co_return no_right(context.replica, bucket);
    co_await warm(context.replica, bucket + "/groups");
    put = co_await put_if_absent(context.replica, path, std::move(*data));
    if (!put) co_return put.error();
    if (*put == Put::forbidden) co_return no_right(context.replica, path);
  }
  co_return *put == Put::created;
}

CollectionId own_collection() {
  return {std::string(checkpoint_bucket), "checkpoints"};
}

ResultTask<void> ensure_own_collection(Server& replica, CollectionId id) {
  const std::string bucket = kinto::bucket_path(id);
  const std::string path = kinto::collection_path(id);
  auto put = co_await put_if_absent(replica, path, std::string());
  if (put && *put == Put::forbidden) {
    // A bucket that does not exist answers 403 to everybody.
    auto made = co_await put_if_absent(replica, bucket, std::string());
    if (!made) co_return made.error();
    if (*made == Put::forbidden) co_return no_right(replica, bucket);
    put = co_await put_if_absent(replica, path, std::string());
  }
  if (!put) co_return put.error();
  if (*put == Put::forbidden) co_return no_right(replica, path);
  co_return success();
}

Task<bool> takes_writes(Server& replica) {
  const CollectionId place = own_collection();
  auto made = co_await ensure_own_collection(replica, place);
  if (!made) co_return made.error().code == Errc::forbidden;
  Subrequest canary("PUT", kinto::record_path(place, "canary"));
  canary.data = "{}";
  const auto answer = co_await replica.send_alone(std::move(canary));
  co_return answer && answer->status < 500 && !answer->in_front;
}

Task<std::vector<Subrequest>> harmless_writes(Server& replica, CollectionId collection) {
  std::vector<Subrequest> out;
  kinto::Listing some;
  some.limit = 3;
  const auto held = co_await replica.list(kinto::records_path(collection), std::move(some));
  if (held) {
    for (const kinto::Entry& entry : held->entries) {
      if (entry.stamp <= never_held) continue;
      Subrequest same("PUT", kinto::record_path(collection, entry.id));
      same.data = entry.raw;
      out.push_back(std::move(same));
    }
  }
  if (out.empty()) {
    out.emplace_back("PUT", kinto::record_path(collection, "kinto-mirror-probe"));
    out.back().data = "{}";
  }
  for (Subrequest& one : out) {
    one.guard = Subrequest::Guard::if_stamp;
    one.guard_stamp = never_held;
  }
  co_return out;
}

Task<bool> lets_pass(Server& replica, std::vector<Subrequest> writes) {
  for (Subrequest& one : writes) {
    const auto answer = co_await replica.send_alone(std::move(one));
    if (answer && answer->status < 500 && !answer->in_front) co_return true;
  }
  co_return false;
}

}  // namespace kinto_mirror::sync
