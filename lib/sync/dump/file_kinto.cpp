#include "sync/dump/file_kinto.hpp"

#include "base/json_text.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <sys/stat.h>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

// Kinto's own bound on a list that asks for none, and what a page holds at most.
constexpr std::size_t most_objects = 10'000;
constexpr std::size_t most_bytes = std::size_t{8} << 20U;

// Kinto's `errno` of refusals.
constexpr int invalid_parameters = 107;
constexpr int missing_resource = 110;
constexpr int not_allowed = 115;
constexpr int forbidden = 121;

constexpr std::string_view hello =
    R"({"project_name":"kinto","project_version":"0.0.0-file","http_api_version":"1.22",)"
    R"("settings":{"batch_max_requests":25,"readonly":true},"capabilities":{}})";

std::string http_date(Stamp stamp) {
  const auto seconds = static_cast<std::time_t>(stamp.ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool is_listed(const Item& item, const Question& question) {
  if (item.deleted) return question.with_tombstones && !question.marked_only;
  return item.marked || !question.marked_only;
}

// The objects that a question means, by their numbers in the order in which they are listed.
class Selection {
 public:
  Selection(const Shelf& shelf, const Question& question) : shelf_(shelf), question_(question) {
    end_ = shelf.size();
    if (question.by_id) {
      if (!question.behind_id.empty()) begin_ = shelf.behind(question.behind_id);
    } else {
      if (question.since) begin_ = shelf.newer_than(*question.since);
      if (question.before) end_ = shelf.first_from(*question.before);
    }
    if (question.ids) choose(*question.ids);
  }

  // The first number from `number` on that is listed; end() where there is none.
  [[nodiscard]] std::size_t next(std::size_t number) const {
    number = std::max(number, begin_);
    while (number < end() && !fits(number)) ++number;
    return std::min(number, end());
  }
  [[nodiscard]] std::size_t end() const { return chosen_ ? chosen_->size() : end_; }
  [[nodiscard]] std::size_t place(std::size_t number) const {
    if (chosen_) return (*chosen_)[number];
    return question_.by_id ? shelf_.by_id(number) : number;
  }

 private:
  [[nodiscard]] bool fits(std::size_t number) const {
    return is_listed(shelf_.item(place(number)), question_);
  }

  // They are few, and so put in order here.
  void choose(const std::vector<std::string>& ids) {
    chosen_.emplace();
    for (const std::string& id : ids) {
      const auto found = shelf_.find(id);
      if (!found) continue;
      const bool within = question_.by_id || (*found >= begin_ && *found < end_);
      if (within) chosen_->push_back(*found);
    }
    std::ranges::sort(*chosen_);
    if (question_.by_id) {
      std::ranges::sort(*chosen_, {}, [this](std::size_t at) { return shelf_.id(at); });
      std::erase_if(*chosen_,
                    [this](std::size_t at) { return shelf_.id(at) <= question_.behind_id; });
    }
    begin_ = 0;
  }

  const Shelf& shelf_;
  const Question& question_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::optional<std::vector<std::size_t>> chosen_;
};

}  // namespace

FileKinto::FileKinto(Contents contents)
    : contents_(std::move(contents)), date_(http_date(contents_.date)) {
  struct stat now {};
  if (::fstat(contents_.file.descriptor(), &now) != 0) return;
  size_ = now.st_size;
  changed_ = nanoseconds(now.st_mtim);
}

ResultTask<http::Response> FileKinto::exchange(const http::Request& request) {
  // The others go on meanwhile.
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, boost::asio::use_awaitable);
  co_return answer(request);
}

Result<http::Response> FileKinto::answer(const http::Request& request) const {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads) return refused(405, not_allowed, "a file takes no writes, and no batches");
  const auto question = read_question(request.target);
  if (!question) return refused(400, invalid_parameters, "no question that a file can answer");
  if (question->path == "/" || question->path.empty()) return made(200, std::string(hello));
  if (question->path.starts_with("/buckets/kinto-mirror/")) {
    return refused(400, invalid_parameters, "a file is no server, and has no identity");
  }
  const auto found = contents_.endpoints.find(question->path);
  if (found == contents_.endpoints.end()) return object(question->path);
  if (request.method == "HEAD") return count(found->second, *question);
  return list(found->second, *question);
}

// Something stands in the file that is in this container.
bool FileKinto::holds_below(const std::string& path) const {
  const std::string below = path + "/";
  const auto first = contents_.endpoints.lower_bound(below);
  return first != contents_.endpoints.end() && first->first.starts_with(below);
}

http::Response FileKinto::made(int status, std::string body) const {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers.emplace_back("Content-Type", "application/json");
  response.headers.emplace_back("Date", date_);
  return response;
}

http::Response FileKinto::refused(int status, int number, std::string_view message) const {
  return made(status, "{\"errno\":" + std::to_string(number) +
                          ",\"message\":" + json::quoted(message) + "}");
}

http::Response FileKinto::count(const Endpoint& endpoint, const Question& question) const {
  std::int64_t live = endpoint.shelf.live();
  if (question.ids) {
    live = 0;
    const Selection selection(endpoint.shelf, question);
    for (std::size_t at = selection.next(0); at < selection.end(); at = selection.next(at + 1)) {
      if (!endpoint.shelf.item(selection.place(at)).deleted) ++live;
    }
  }
  http::Response response = made(200, "");
  response.headers.emplace_back("ETag", "\"" + std::to_string(endpoint.etag.ms) + "\"");
  response.headers.emplace_back("Total-Objects", std::to_string(live));
  return response;
}

Result<http::Response> FileKinto::list(const Endpoint& endpoint, const Question& question) const {
  auto same = is_unchanged();
  if (!same) return same.error();
  const Selection selection(endpoint.shelf, question);
  std::size_t most = most_objects;
  if (question.limit > 0) most = std::min(most, static_cast<std::size_t>(question.limit));
  std::string body = "{\"data\":[";
  std::size_t at = selection.next(question.from);
  for (std::size_t given = 0; at < selection.end() && given < most && body.size() < most_bytes;
       ++given) {
    if (given > 0) body += ',';
    auto added = append(endpoint.shelf, selection.place(at), question.stamps_only, body);
    if (!added) return added.error();
    at = selection.next(at + 1);
  }
  body += "]}";
  http::Response response = made(200, std::move(body));
  response.headers.emplace_back("ETag", "\"" + std::to_string(endpoint.etag.ms) + "\"");
  if (at < selection.end()) {
    response.headers.emplace_back("Next-Page", "?_token=" + std::to_string(at));
  }
  return response;
}

Result<http::Response> FileKinto::object(const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  const auto endpoint = contents_.endpoints.find(path.substr(0, slash));
  const auto place = endpoint == contents_.endpoints.end()
                         ? std::nullopt
                         : endpoint->second.shelf.find(std::string_view(path).substr(slash + 1));
  const bool hidden = !place && holds_below(path);
  if (hidden) return refused(403, forbidden, "the dump's user was not shown it");
  if (!place || endpoint->second.shelf.item(*place).deleted) {
    return refused(404, missing_resource, "the file does not have it");
  }
  std::string body = "{\"data\":";
  auto added = append(endpoint->second.shelf, *place, false, body);
  body += ",\"permissions\":";
  const auto lists = contents_.permissions.find(path);
  if (lists == contents_.permissions.end()) {
    body += "{}";  // not shown, as to whoever may not write it
  } else if (added) {
    added = append(lists->second, body);
  }
  if (!added) return added.error();
  return made(200, body + "}");
}

// As Kinto lists it: a member `deleted` of a live record is among the fields.
Result<void> FileKinto::append(const Shelf& shelf, std::size_t place, bool stamps_only,
                               std::string& out) const {
  const Item& item = shelf.item(place);
  const bool as_it_is = item.raw.size > 0 && (item.marked || !stamps_only);
  if (as_it_is) return append(item.raw, out);
  out += "{\"id\":" + json::quoted(shelf.id(place)) +
         ",\"last_modified\":" + std::to_string(item.stamp.ms);
  if (item.deleted) out += ",\"deleted\":true";
  out += '}';
  return success();
}

Result<void> FileKinto::append(const Slice& slice, std::string& out) const {
  const auto got = contents_.file.read_at(slice.offset, slice.size, out);
  if (!got) return got.error();
  if (*got != slice.size) {
    return Error(Errc::rejected, contents_.file.path() +
                                     " has become shorter while it was read; "
                                     "leave it alone, and restore it again");
  }
  return success();
}

Result<void> FileKinto::is_unchanged() const {
  struct stat now {};
  const bool known = ::fstat(contents_.file.descriptor(), &now) == 0;
  if (known && now.st_size == size_ && nanoseconds(now.st_mtim) == changed_) return success();
  return Error(Errc::rejected, contents_.file.path() +
                                   " was changed after it had been verified: what it says now is "
                                   "not written; leave it alone, and restore it again");
}

}  // namespace kinto_mirror::sync::dump
