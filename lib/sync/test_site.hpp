#pragma once
// One Kinto of the model (tests/model), for tests.
//
// What a collection holds is a line, "a 50, b 60, x 70 gone": ids and stamps, and tombstones. Its
// stamps are counted from `epoch` on.

#include "model/credentials.hpp"
#include "model/kinto.hpp"
#include "sync/test_rejects.hpp"
#include "sync/test_time.hpp"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

using model::Profile;

inline const CollectionId the_collection("b", "c");

inline constexpr int always = 1'000'000;  // times

inline std::string records_of(const CollectionId& id) {
  return "/buckets/" + id.bucket + "/collections/" + id.collection + "/records";
}
// The lists of a collection's records, as Site::meanwhile() and others know them.
inline std::string lists_of(const CollectionId& id) {
  return "GET /v1" + records_of(id) + "?";
}
// The question how many there are, and whether all are shown, comes in a batch.
inline const std::string counting = "POST /v1/batch {\"requests\":[{\"method\":\"HEAD\"";

// One Kinto: what an administrator does there, what the daemon asked it, and what it answers then.
class Site {
 public:
  Site(std::string name, Profile profile, Time& time)
      : name_(std::move(name)), kinto(options(profile), [&time] { return epoch + time.ms(); }) {}

  void provide(const CollectionId& id) {
    if (!shows({"/buckets", "bucket"}, id.bucket)) admin("PUT", "/buckets/" + id.bucket);
    admin("PUT", "/buckets/" + id.bucket + "/collections/" + id.collection);
    (void)kinto.answer(request("HEAD", records_of(id)));  // which gives it its first ETag
  }
  void remove(const CollectionId& id = the_collection) {
    admin("DELETE", "/buckets/" + id.bucket + "/collections/" + id.collection);
  }

  // "a 50, x 70 gone": each record has a body of its own for each stamp.
  void hold(const std::string& line, const CollectionId& id = the_collection) {
    std::istringstream in(line);
    for (std::string one; std::getline(in, one, ',');) {
      std::istringstream words(one);
      std::string record;
      std::string gone;
      std::int64_t ms = 0;
      words >> record >> ms >> gone;
      if (gone.empty()) {
        put(record, ms, R"("n":)" + std::to_string(ms), id);
      } else {
        erase(record, ms, id);
      }
    }
  }
  void put(const std::string& record, std::int64_t ms, const std::string& members,
           const CollectionId& id = the_collection) {
    const std::string stamp = std::to_string(epoch + ms);
    admin("PUT", records_of(id) + "/" + record,
          R"({"data":{"last_modified":)" + stamp + "," + members + "}}");
  }
  // A tombstone; the record is made before where there is none.
  void erase(const std::string& record, std::int64_t ms, const CollectionId& id = the_collection) {
    if (!shows({parent(id), "record"}, record)) put(record, ms - 1, R"("n":0)", id);
    const std::string stamp = std::to_string(epoch + ms);
    admin("DELETE", records_of(id) + "/" + record + "?last_modified=" + stamp);
  }
  // `count` records from `ms` on, one in each millisecond: r100, r101, ...
  void fill(int count, std::int64_t ms, const CollectionId& id = the_collection) {
    for (int i = 0; i < count; ++i) {
      hold("r" + std::to_string(100 + i) + " " + std::to_string(ms + i), id);
    }
  }
  void purge() { kinto.purge_deleted("/buckets/*"); }

  // What the daemon's user may do with the bucket: "read", "write", or nothing.
  void allow(const std::string& right, const std::string& bucket = "b") {
    const std::string all = R"(["system.Authenticated"])";
    const std::string read = right == "read" ? all : "[]";
    const std::string write = right == "write" ? all : "[]";
    admin("PUT", "/buckets/" + bucket,
          R"({"permissions":{"read":)" + read + R"(,"write":)" + write + "}}");
  }

  // In the order of their ids, as hold() takes them.
  [[nodiscard]] std::string holds(const CollectionId& id = the_collection) const {
    std::string out;
    if (const model::Shelf* const shelf = kinto.store().shelf({parent(id), "record"})) {
      for (const auto& [record, object] : shelf->objects) {
        out += (out.empty() ? "" : ", ") + record + " " + std::to_string(object.stamp - epoch) +
               (object.deleted ? " gone" : "");
      }
    }
    return out;
  }
  // The same with the bodies, of live records only.
  [[nodiscard]] std::map<std::string, std::string> bodies(
      const CollectionId& id = the_collection) const {
    std::map<std::string, std::string> out;
    if (const model::Shelf* const shelf = kinto.store().shelf({parent(id), "record"})) {
      for (const auto& [record, object] : shelf->objects) {
        if (object.deleted) continue;
        out[record] =
            std::to_string(object.stamp - epoch) + " " + boost::json::serialize(object.data);
      }
    }
    return out;
  }
  [[nodiscard]] std::int64_t etag(const CollectionId& id = the_collection) {
    const http::Response head = kinto.answer(request("HEAD", records_of(id)));
    const auto tag = http::find_header(head.headers, "ETag");
    REQUIRE(tag);
    return std::stoll(std::string(tag->substr(1))) - epoch;
  }
  // Everything in all of its buckets: to tell that nothing was written.
  [[nodiscard]] std::string everything() const {
    std::string out;
    for (const auto& [place, shelf] : kinto.store().shelves()) {
      for (const auto& [id, object] : shelf.objects) {
        out += place.parent + " " + place.kind + " " + id + " " + std::to_string(object.stamp) +
               " " + boost::json::serialize(object.data) + "\n";
      }
    }
    return out;
  }

  // What the daemon asked: "GET /v1/buckets", "POST /v1/batch {...}".
  [[nodiscard]] int asked(const std::string& part) const {
    return static_cast<int>(std::ranges::count_if(
        seen, [&part](const std::string& line) { return line.find(part) != std::string::npos; }));
  }

  // In place of the model's own answer, or nothing.
  using Answer = std::optional<Result<http::Response>>;
  // At the requests that hold `part`, from the `nth` on, so many `times`.
  void on(const std::string& part, std::function<Answer()> what, int nth = 1, int times = 1) {
    events_.push_back({part, std::move(what), nth - 1, times});
  }
  // Before the `nth` such request is answered.
  void meanwhile(const std::string& part, const std::function<void()>& what, int nth = 1) {
    on(
        part, [what] { return what(), Answer(); }, nth);
  }
  // Kinto's own refusal, where `number` is its errno.
  void refuse(const std::string& part, int status, int number, int nth = 1, int times = 1) {
    http::Response response;
    response.status = status;
    response.body = R"({"errno":)" + std::to_string(number) + R"(,"message":"no"})";
    on(
        part, [response] { return Answer(response); }, nth, times);
  }
  void fail(const std::string& part, Errc code, int nth = 1, int times = 1) {
    on(
        part, [code] { return Answer(Error(code, "told so by the test")); }, nth, times);
  }
  // A page of something in front, which is not Kinto's.
  void block(const std::string& part, int status, int nth = 1, int times = 1) {
    const http::Response page{status, {}, "<html>no</html>"};
    on(
        part, [page] { return Answer(page); }, nth, times);
  }
  // PUTs of this record, in batches too, as a plugin or a limit of Kinto's would.
  void reject(const std::string& record, int status = 400) { rejects_.add(record, status); }
  // The `nth` such request is carried out, and its answer is lost on the way.
  void lose_answer(const std::string& part, int nth = 1) {
    events_.push_back({part, {}, nth - 1, 1});
  }
  void recover() {
    events_.clear();
    rejects_ = {};
  }

  Result<http::Response> answer(http::Request request) {
    std::string line = request.method + " " + request.target;
    if (!request.body.empty()) line += " " + request.body;
    seen.push_back(line);
    for (std::size_t i = 0; i < events_.size(); ++i) {
      Event& event = events_[i];
      if (event.times == 0 || line.find(event.part) == std::string::npos) continue;
      if (event.skip-- > 0) continue;
      event.skip = 0;
      --event.times;
      if (!event.what) {
        (void)kinto.answer(request);
        return Error(Errc::unreachable, "the answer was lost");
      }
      const auto what = event.what;  // which may add events
      if (Answer given = what()) return std::move(*given);
    }
    request.headers.emplace_back("Host", name_ + ".test");
    return rejects_.answer(kinto, std::move(request));
  }

  static std::string authorization(const std::string& user) {
    return "Basic " + model::to_base64(user + ":secret");
  }
  // The daemon's own bucket is his who made it.
  static http::Request request(std::string method, const std::string& path, std::string body = {}) {
    const bool own = path.starts_with("/buckets/kinto-mirror");
    return {std::move(method),
            "/v1" + path,
            {{"Authorization", authorization(own ? "mirror" : "admin")}, {"Host", "test"}},
            std::move(body)};
  }
  http::Response admin(std::string method, const std::string& path, std::string body = {}) {
    http::Response response = kinto.answer(request(std::move(method), path, std::move(body)));
    CAPTURE(path);
    CAPTURE(response.body);
    REQUIRE(response.status < 300);
    return response;
  }

 private:
  struct Event {
    std::string part;
    std::function<Answer()> what;  // none: the answer is lost
    int skip;
    int times;
  };

  static model::Options options(Profile profile) {
    model::Options out;
    out.profile = profile;
    return out;
  }
  static std::string parent(const CollectionId& id) {
    return "/buckets/" + id.bucket + "/collections/" + id.collection;
  }
  [[nodiscard]] bool shows(const model::Place& place, const std::string& id) const {
    return kinto.store().live(place, id) != nullptr;
  }

  std::string name_;
  std::deque<Event> events_;
  Rejects rejects_;

 public:
  model::Kinto kinto;
  std::vector<std::string> seen;  // requests of the daemon
};

}  // namespace kinto_mirror::sync::test
