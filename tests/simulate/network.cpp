#include "network.hpp"

#include "model/answers.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace kinto_mirror::simulate {

namespace json = boost::json;

struct Network::Parcel {
  Site& site;
  http::Request request;
  Answered answered;
  Run run;
  std::int64_t number;
};

namespace {

constexpr Millis deadline{30'000};  // of the client, beyond which it has given up

void drop_header(http::Response& response, std::string_view name) {
  std::erase_if(response.headers, [name](const auto& header) {
    return http::find_header({header}, name).has_value();
  });
}

void change_header(http::Response& response, std::string_view name, std::string value) {
  if (!http::find_header(response.headers, name)) return;
  drop_header(response, name);
  response.headers.emplace_back(name, std::move(value));
}

http::Response page_of_html(int status) {
  http::Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "text/html");
  response.body = "<html><body><h1>It works!</h1></body></html>";
  return response;
}

Error broken(std::string what) {
  return {Errc::unreachable, std::move(what)};
}

Error cut_off() {
  Error error = broken("the connection was cut");
  error.cut = true;
  return error;
}

}  // namespace

Millis Network::hop() {
  return Millis{random_.between(1, std::max<std::int64_t>(1, latency_.count()))};
}

Fault Network::draw(const http::Request& request) {
  if (faults_.empty() || !random_.percent(percent_)) return Fault::none;
  const Fault fault = random_.pick(faults_);
  // A 404 to a DELETE is an answer that nobody could doubt.
  if (fault == Fault::status_404 && request.method == "DELETE") return Fault::none;
  if (fault == Fault::part_fails && !request.target.ends_with("/batch")) return Fault::none;
  return fault;
}

http::Response Network::carry_out(Parcel& parcel) {
  return witness_.carry_out(parcel.site, parcel.request, parcel.run);
}

void Network::put_before(const Site& site, Cache cache, CacheOptions::Shows shows,
                         std::int64_t percent) {
  caches_.insert_or_assign(&site, StandingCache{std::move(cache), shows, percent});
}

void Network::put_before(const Site& site, Limiter limiter) {
  limiters_.insert_or_assign(&site, limiter);
}

std::vector<std::int64_t> Network::take_limiters_away() {
  std::vector<std::int64_t> asked;
  for (const auto& [site, limiter] : limiters_) asked.push_back(limiter.asked());
  limiters_.clear();
  return asked;
}

bool Network::is_locked(const Parcel& parcel) const {
  const auto lock = locks_.find(&parcel.site);
  if (lock == locks_.end()) return false;
  const auto writes = [&lock](std::string_view method, std::string_view path) {
    return method != "GET" && method != "HEAD" && path.starts_with(lock->second);
  };
  constexpr std::string_view version = "/v1";
  const http::Request& request = parcel.request;
  const std::string_view path = std::string_view(request.target).substr(version.size());
  if (path != "/batch") return writes(request.method, path);
  json::monotonic_resource storage;
  const json::value body = json::parse(request.body, &storage);
  return std::ranges::any_of(body.at("requests").as_array(), [&writes](const json::value& line) {
    return writes(line.at("method").as_string(), line.at("path").as_string());
  });
}

http::Response Network::by_cache(Parcel& parcel) {
  const auto found = caches_.find(&parcel.site);
  if (found == caches_.end() || !found->second.cache.takes(parcel.request)) {
    return carry_out(parcel);
  }
  auto& [cache, shows, percent] = found->second;
  auto hit = cache.find(parcel.request, timeline_.now());
  if (!hit || !random_.percent(percent)) {
    http::Response response = carry_out(parcel);
    cache.store(parcel.request, response, timeline_.now());
    return response;
  }
  ++met_[Fault::stale];
  trace_.add([&] {
    return "  #" + std::to_string(parcel.number) + " is answered by a cache, as " +
           std::to_string(hit->age.count()) + " ms ago";
  });
  if (shows != CacheOptions::Shows::date) {
    change_header(hit->response, "Date", model::http_date(parcel.site.now()));
  }
  if (shows == CacheOptions::Shows::age) {
    hit->response.headers.emplace_back("Age", std::to_string(hit->age.count() / 1000));
  }
  return std::move(hit->response);
}

// The others are carried out.
http::Response Network::with_failing_part(Parcel& parcel) {
  constexpr std::array statuses{400, 401, 403, 405, 408, 409, 413, 429, 500, 503};
  json::object body = json::parse(parcel.request.body).as_object();
  json::array& lines = body["requests"].as_array();
  if (lines.size() < 2) return carry_out(parcel);
  auto at = static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(lines.size())));
  // A record is deleted and put again only when the server has just taken it: not that PUT.
  const auto path = [&lines](std::size_t line) {
    const std::string_view whole = lines[line].at("path").as_string();
    return whole.substr(0, whole.find('?'));
  };
  if (at > 0 && path(at) == path(at - 1)) --at;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
  parcel.request.body = json::serialize(body);
  http::Response response = carry_out(parcel);
  if (response.status != 200) return response;
  json::object answered = json::parse(response.body).as_object();
  json::array& answers = answered["responses"].as_array();
  const int status = random_.pick(statuses);
  trace_.add(
      [&] { return "  part " + std::to_string(at) + " fails with " + std::to_string(status); });
  json::object line;
  line["status"] = status;
  line["path"] = "/v1/";
  line["headers"] = json::object{};
  line["body"] = {{"code", status}, {"errno", 999}, {"error", "Told so"}, {"message", "told so"}};
  answers.insert(answers.begin() + static_cast<std::ptrdiff_t>(std::min(at, answers.size())), line);
  response.body = json::serialize(answered);
  return response;
}

http::Response Network::status_answer(int status, const Parcel& parcel) {
  http::Response response = page_of_html(status);
  // A DELETE by itself is rare, and what refuses it is to be both, but that 405 is a read-only
  // node's.
  const bool erases = parcel.request.method == "DELETE";
  const int kintos = erases && status == 405 ? 100 : erases ? 50 : 60;
  if (random_.percent(kintos)) {
    response.headers.front().second = "application/json";
    response.body = R"({"code":)" + std::to_string(status) +
                    R"(,"errno":999,"error":"Told so","message":"told so by the simulator"})";
  }
  if ((status == 503 || status == 429) && random_.percent(50)) {
    response.headers.emplace_back("Retry-After", std::to_string(random_.between(1, 20)));
  }
  return response;
}

void Network::answer_after(Millis wait, const std::shared_ptr<Parcel>& parcel, Answer given) {
  auto shared = std::make_shared<Answer>(std::move(given));
  timeline_.after(wait, [this, parcel, shared = std::move(shared)] {
    const Answer& answer = *shared;
    trace_.add([&] {
      return "  #" + std::to_string(parcel->number) + " answered " +
             (answer ? std::to_string(answer->status) + " " + answer->body.substr(0, 3000)
                     : answer.error().message);
    });
    if (parcel->answered(shared) && answer) witness_.answered(parcel->site, *answer, parcel->run);
  });
}

void Network::send(Site& site, http::Request request, Run run, Answered answered) {
  ++requests_;
  witness_.sent(site, request, run);
  request.headers.emplace_back("Host", site.name() + ".test");
  const Fault fault = draw(request);
  if (fault != Fault::none) ++met_[fault];
  auto parcel = std::make_shared<Parcel>(
      Parcel{site, std::move(request), std::move(answered), run, requests_});
  trace_.add([&] {
    return "#" + std::to_string(parcel->number) + " " + site.name() + " " + parcel->request.method +
           " " + parcel->request.target + " " + parcel->request.body.substr(0, 3000) +
           (fault == Fault::none ? "" : " (" + std::string(name_of(fault)) + ")");
  });
  switch (fault) {
    case Fault::refused:
      answer_after(hop(), parcel, broken("connection refused"));
      break;
    case Fault::lost_request:
      break;
    case Fault::late_request:
      timeline_.after(deadline + Millis{random_.between(1, 120'000)}, [this, parcel] {
        trace_.add([&] { return "  #" + std::to_string(parcel->number) + " arrives late"; });
        parcel->run = 0;
        (void)carry_out(*parcel);
      });
      break;
    case Fault::slow:
      timeline_.after(Millis{random_.between(1'000, 20'000)},
                      [this, parcel, fault] { deliver(parcel, fault); });
      break;
    default:
      timeline_.after(hop(), [this, parcel, fault] { deliver(parcel, fault); });
  }
}

void Network::deliver(const std::shared_ptr<Parcel>& parcel, Fault fault) {
  const auto limiter = limiters_.find(&parcel->site);
  if (limiter != limiters_.end() && !limiter->second.lets_pass(timeline_.now())) {
    ++met_[Fault::limited];
    answer_after(hop(), parcel, page_of_html(limiter->second.status()));
    return;
  }
  if (is_locked(*parcel)) {
    ++met_[Fault::locked];
    constexpr int gave_up = 504;
    answer_after(hop(), parcel, page_of_html(gave_up));
    return;
  }
  if (const int status = status_of(fault); status != 0) {
    // A gateway gives up on a request that may still be carried out.
    const bool behind_gateway = status == 502 || status == 504;
    if (behind_gateway && random_.percent(50)) (void)carry_out(*parcel);
    answer_after(hop(), parcel, status_answer(status, *parcel));
    return;
  }
  if (fault == Fault::html) {
    answer_after(hop(), parcel, page_of_html(200));
    return;
  }
  http::Response response = fault == Fault::part_fails ? with_failing_part(*parcel)
                            : fault == Fault::none     ? by_cache(*parcel)
                                                       : carry_out(*parcel);
  switch (fault) {
    case Fault::lost_answer:
      answer_after(hop(), parcel, cut_off());
      return;
    case Fault::late_answer:
      return;  // the client has its deadline
    case Fault::duplicate:
      timeline_.after(
          Millis{random_.percent(50) ? random_.between(1, 50) : random_.between(50, 90'000)},
          [this, parcel] {
            trace_.add([&] { return "  #" + std::to_string(parcel->number) + " arrives again"; });
            parcel->run = 0;
            (void)carry_out(*parcel);
          });
      break;
    case Fault::cut_body:
      response.body.resize(response.body.size() / 2);
      break;
    case Fault::no_etag:
      drop_header(response, "ETag");
      break;
    case Fault::odd_etag:
      change_header(response, "ETag", "\"never\"");
      break;
    case Fault::next_elsewhere:
      if (const auto next = http::find_header(response.headers, "Next-Page")) {
        change_header(response, "Next-Page",
                      "http://elsewhere.test" + std::string(next->substr(next->find("/v1"))));
      }
      break;
    case Fault::backoff:
      response.headers.emplace_back("Backoff", std::to_string(random_.between(1, 20)));
      break;
    default:
      break;
  }
  answer_after(hop(), parcel, std::move(response));
}

}  // namespace kinto_mirror::simulate
