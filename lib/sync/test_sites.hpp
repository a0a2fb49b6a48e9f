#pragma once
// Two Kintos of the model (tests/model), with the daemon's way to them and all that a pass needs:
// for tests of what drives, which say what both sides hold and look at what they hold then.
//
// What a collection holds is a line, "a 50, b 60, x 70 gone": ids and stamps, and tombstones. Its
// stamps are counted from `epoch` on, and so is the time, which begins at 1'000'000.

#include "kinto/test_fakes.hpp"
#include "model/credentials.hpp"
#include "model/kinto.hpp"
#include "sync/pass_context.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

using model::Profile;

inline constexpr std::int64_t epoch = 1'700'000'000'000;

constexpr Stamp at(std::int64_t ms) noexcept {
  return Stamp{epoch + ms};
}

inline const CollectionId the_collection("b", "c");

// Whoever sleeps has slept at once, but where the test holds him.
class Time final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Stamp wall() const override { return at(ms()); }
  [[nodiscard]] std::int64_t ms() const noexcept { return now_.time_since_epoch().count(); }
  void pass(Millis duration) { now_ += std::max(duration, Millis{0}); }

  Task<void> sleep(Millis duration, Stop& stop) override {
    if (stop.requested() || duration <= Millis::zero()) co_return;
    if (!holds || !holds()) {
      pass(duration);
      co_return;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, std::chrono::steady_clock::time_point::max());
    held_ = &timer;
    const Stop::Subscription ends(stop, [this] { wake(); });
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    held_ = nullptr;
  }

  std::function<bool()> holds;  // whether whoever asks now sleeps until wake()
  [[nodiscard]] bool held() const noexcept { return held_ != nullptr; }
  void wake() {
    if (held_ != nullptr) held_->cancel();
  }

 private:
  Instant now_{};
  boost::asio::steady_timer* held_ = nullptr;
};

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
  // PUTs of this record, in batches too, as a plugin or a limit of Kinto's would.
  void reject(const std::string& record, int status = 400) { rejected_[record] = status; }
  void recover() {
    events_.clear();
    rejected_.clear();
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
      const auto what = event.what;  // which may add events
      if (Answer given = what()) return std::move(*given);
    }
    request.headers.emplace_back("Host", name_ + ".test");
    return rejected_.empty() ? kinto.answer(request) : answer_but_rejected(std::move(request));
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
    const http::Response response = kinto.answer(request(std::move(method), path, std::move(body)));
    CAPTURE(path);
    CAPTURE(response.body);
    REQUIRE(response.status < 300);
    return response;
  }

 private:
  struct Event {
    std::string part;
    std::function<Answer()> what;
    int skip;
    int times;
  };

  // 0: it is not.
  [[nodiscard]] int rejected(const std::string& method, const std::string& path) const {
    const auto found = rejected_.find(path.substr(path.rfind('/') + 1));
    return method == "PUT" && found != rejected_.end() ? found->second : 0;
  }
  static std::string refusal(int status) {
    return R"({"errno":107,"message":"refused","code":)" + std::to_string(status) + "}";
  }
  http::Response answer_but_rejected(http::Request request) {
    if (const int status = rejected(request.method, request.target)) {
      return {status, {}, refusal(status)};
    }
    if (request.target != "/v1/batch") return kinto.answer(request);
    boost::json::object batch = boost::json::parse(request.body).as_object();
    boost::json::array parts;
    std::map<std::size_t, int> out;  // by their places
    std::size_t place = 0;
    for (const boost::json::value& part : batch.at("requests").as_array()) {
      const boost::json::value* const method = part.as_object().if_contains("method");
      const std::string path(part.at("path").as_string());
      const int status = rejected(method ? std::string(method->as_string()) : "PUT", path);
      if (status == 0) parts.push_back(part);
      if (status != 0) out[place] = status;
      ++place;
    }
    if (out.empty()) return kinto.answer(request);
    boost::json::array answers;
    if (!parts.empty()) {
      batch["requests"] = std::move(parts);
      request.body = boost::json::serialize(batch);
      answers = boost::json::parse(kinto.answer(request).body).at("responses").as_array();
    }
    for (const auto& [where, status] : out) {
      boost::json::object one{{"status", status}, {"headers", boost::json::object()}};
      one["body"] = boost::json::parse(refusal(status));
      answers.insert(answers.begin() + static_cast<std::ptrdiff_t>(where), std::move(one));
    }
    return {200, {}, boost::json::serialize(boost::json::object{{"responses", answers}})};
  }

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
  std::map<std::string, int> rejected_;  // by record

 public:
  model::Kinto kinto;
  std::vector<std::string> seen;  // requests of the daemon
};

// What the observer was told.
class Told final : public Observer {
 public:
  explicit Told(const Time& time) : time_(time) {}

  struct Pass {
    std::int64_t ms;  // when it ended
    CollectionReport report;
  };

  void pass_done(const std::string&, const CollectionReport& report) override {
    passes.push_back({time_.ms(), report});
  }
  void quarantined(const std::string&, const CollectionId&, const Refusal& refusal) override {
    refused.push_back(refusal.id);
  }
  void progress(const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string&, const Error& error, Millis next) override {
    failed_rounds.push_back(error);
    waits.push_back(next.count());
  }
  void round_worked(const std::string&, std::size_t collections) override {
    worked.push_back(collections);
  }
  void notice(const std::string&, const CollectionId& id, std::string_view message) override {
    notices.push_back(id.str() + ": " + std::string(message));
  }

  // How often.
  [[nodiscard]] int says(const std::string& part) const {
    return static_cast<int>(std::ranges::count_if(
        notices, [&part](const std::string& one) { return one.find(part) != std::string::npos; }));
  }

  std::vector<Pass> passes;
  std::vector<std::string> refused;
  std::vector<std::string> notices;
  std::vector<Error> failed_rounds;
  std::vector<std::int64_t> waits;  // behind those
  std::vector<std::size_t> worked;

 private:
  const Time& time_;
};

// "audit in-sync +1 ~2 -0, extra 3": what was created, updated and deleted, and what is not alike.
inline std::string said(const CollectionReport& report) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  std::string out = std::string(to_string(report.kind)) + " " +
                    std::string(to_string(report.state)) + " +" + number(report.written.created) +
                    " ~" + number(report.written.updated) + " -" + number(report.written.deleted);
  const Differences& found = report.found;
  if (found.missing > 0) out += ", missing " + number(found.missing);
  if (found.differs > 0) out += ", differs " + number(found.differs);
  if (found.extra > 0) out += ", extra " + number(found.extra);
  if (found.undeleted > 0) out += ", undeleted " + number(found.undeleted);
  return out;
}

// A master that the daemon's user may read and a replica that he may write to. Both have the
// collection b/c, without records.
class Sites {
 public:
  explicit Sites(Profile of_master = Profile::memory, Profile of_replica = Profile::memory)
      : told(time),
        master("master", of_master, time),
        replica("replica", of_replica, time),
        from_master(config("master"), std::make_unique<Direct>(master), time, stop),
        to_replica(config("replica"), std::make_unique<Direct>(replica), time, stop) {
    provide(the_collection);
    time.pass(Millis{1'000'000});
  }

  // On both sides.
  void provide(const CollectionId& id) {
    for (Site* const site : {&master, &replica}) site->provide(id);
    master.allow("read", id.bucket);
    replica.allow("write", id.bucket);
  }

  // Awaits `work(context)`, then whatever it left in the background.
  template <class T, class Work>
  T run(Work work) {
    return kinto::test::run(in_context<T>(work));
  }

  [[nodiscard]] PassContext context(TaskGroup& background) {
    return {from_master, to_replica, options, time, stop, background, told, traits};
  }

  Time time;
  Options options;
  Stop stop;
  Told told;
  ReplicaTraits traits;
  Site master;
  Site replica;
  kinto::Server from_master;
  kinto::Server to_replica;

 private:
  class Direct final : public http::Transport {
   public:
    explicit Direct(Site& site) : site_(site) {}
    ResultTask<http::Response> exchange(const http::Request& request) override {
      // The others go on meanwhile.
      const auto executor = co_await boost::asio::this_coro::executor;
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
      co_return site_.answer(request);
    }
    void abort() override {}
    [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

   private:
    Site& site_;
    http::Origin origin_{false, "site.test", "80"};
  };

  static kinto::ServerConfig config(const std::string& name) {
    kinto::ServerConfig config;
    config.name = name;
    config.url = "http://" + name + ".test/v1";
    config.base_path = "/v1";
    config.authorization = Site::authorization("mirror");
    return config;
  }

  template <class T, class Work>
  Task<T> in_context(Work& work) {
    TaskGroup background(co_await boost::asio::this_coro::executor);
    const PassContext with = context(background);
    T out = co_await work(with);
    co_await background.join();
    co_return out;
  }
};

}  // namespace kinto_mirror::sync::test
