#include "selftest/client.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

// One call: a batch of small records, or a page of them.
constexpr Millis call_limit{60'000};
constexpr Millis usual_patience{10'000};
constexpr Millis short_patience{2'000};

kinto::Subrequest put_request(const CollectionId& id, const Record& record) {
  kinto::Subrequest request("PUT", kinto::record_path(id, record.id));
  request.data = record.body;
  return request;
}

}  // namespace

Client::Client(const Endpoint& endpoint, const std::string& user_agent, const Interrupt* interrupt,
               Patience patience)
    : loop_(interrupt, call_limit), server_(connect(endpoint, user_agent, loop_, clock_)) {
  server_->set_patience(patience == Patience::usual ? usual_patience : short_patience);
  loop_.on_abort([this] { server_->abort(); });
}

Result<kinto::Hello> Client::hello() {
  return loop_.run(server_->hello());
}

Result<kinto::Answer> Client::ask(kinto::Subrequest request) {
  std::vector<kinto::Subrequest> requests;
  requests.push_back(std::move(request));
  auto answers = loop_.run(server_->send(std::move(requests)));
  if (!answers) return answers.error();
  return std::move(answers->front());
}

void Client::send(std::vector<kinto::Subrequest> requests) {
  std::vector<std::string> names;
  names.reserve(requests.size());
  for (const kinto::Subrequest& request : requests) {
    names.push_back(request.method + " " + request.path);
  }
  const auto answers = must(loop_.run(server_->send(std::move(requests))));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const kinto::Answer& answer = answers[i];
    if (answer.status < 300) continue;
    throw Refused(unexpected(names[i], answer));
  }
}

void Client::create(const CollectionId& id, const std::string& data) {
  std::vector<kinto::Subrequest> requests;
  requests.emplace_back("PUT", "/buckets/" + http::percent_encode(id.bucket));
  requests.emplace_back("PUT", kinto::collection_path(id));
  requests.back().data = data;
  send(std::move(requests));
}

void Client::put(const CollectionId& id, const std::vector<Record>& records) {
  const std::size_t batch = server_->batch_max_requests();
  for (std::size_t begin = 0; begin < records.size(); begin += batch) {
    std::vector<kinto::Subrequest> requests;
    const std::size_t end = std::min(begin + batch, records.size());
    for (std::size_t i = begin; i < end; ++i) requests.push_back(put_request(id, records[i]));
    send(std::move(requests));
  }
}

void Client::put(const CollectionId& id, const Record& record) {
  put(id, std::vector<Record>{record});
}

void Client::remove(const CollectionId& id, const Record& record) {
  std::vector<kinto::Subrequest> requests;
  requests.emplace_back("DELETE", kinto::record_path(id, record.id));
  send(std::move(requests));
}

Contents Client::contents(const CollectionId& id) {
  Contents out;
  kinto::Listing listing;
  do {
    auto page = must(loop_.run(server_->list(kinto::records_path(id), listing)));
    for (const kinto::Entry& entry : page.entries) {
      Stored stored;
      stored.stamp = entry.stamp;
      stored.body = canonical_body(entry.raw);
      out[entry.id] = std::move(stored);
    }
    listing.from = std::move(page.next);
  } while (!listing.from.empty());
  return out;
}

std::string Client::attributes(const CollectionId& id) {
  const auto page = must(loop_.run(server_->object(kinto::collection_path(id))));
  return canonical_body(page.entries.front().raw);
}

std::int64_t Client::count(const CollectionId& id) {
  return must(loop_.run(server_->count(kinto::records_path(id)))).live;
}

bool Client::exists(const CollectionId& id) {
  const auto page = loop_.run(server_->object(kinto::collection_path(id)));
  if (page) return true;
  const Errc code = page.error().code;
  if (code == Errc::forbidden || code == Errc::not_found) return false;
  throw Refused(page.error());
}

std::vector<std::string> Client::collections(const std::string& bucket) {
  auto ids = loop_.run(server_->collections(bucket));
  if (ids) return std::move(ids->ids);
  // A bucket that is not there answers 403 to those who may not read everything.
  const Errc code = ids.error().code;
  if (code == Errc::forbidden || code == Errc::not_found) return {};
  throw Refused(ids.error());
}

void Client::write(const std::string& method, const std::string& path, const std::string& data,
                   const std::string& permissions) {
  std::vector<kinto::Subrequest> requests;
  requests.emplace_back(method, path);
  requests.back().data = data;
  requests.back().permissions = permissions;
  send(std::move(requests));
}

std::optional<Container> Client::container(const std::string& path) {
  const auto answer = must(ask(kinto::Subrequest("GET", path)));
  if (answer.status == 403 || answer.status == 404) return std::nullopt;
  if (answer.status >= 300) throw Refused(unexpected("GET " + path, answer));
  return read_container(answer.stamp.value_or(Stamp{}), answer.object, answer.permissions);
}

std::optional<Stamp> Client::tombstone(const std::string& path) {
  const std::size_t end = path.rfind('/');
  kinto::Listing listing;
  listing.since = Stamp{0};
  do {
    auto page = must(loop_.run(server_->list(path.substr(0, end), listing)));
    for (const kinto::Entry& entry : page.entries) {
      if (entry.deleted && entry.id == path.substr(end + 1)) return entry.stamp;
    }
    listing.from = std::move(page.next);
  } while (!listing.from.empty());
  return std::nullopt;
}

std::string Client::refusal(const std::string& method, const std::string& path) {
  kinto::Subrequest probe(method, path);
  if (method != "DELETE") probe.data = "{}";
  probe.guard = kinto::Subrequest::Guard::if_stamp;
  probe.guard_stamp = Stamp{1};
  const auto answer = must(ask(std::move(probe)));
  if (answer.status == 412) return "";
  // Of what is not there, to whoever may delete it.
  if (answer.status == 404 && method == "DELETE") return "";
  const Error error = unexpected(method + " " + path, answer);
  const bool right = answer.status == 401 || answer.status == 403 || answer.status == 405;
  if (!right) throw Refused(error);
  return error.message;
}

Error Client::unexpected(const std::string& request, const kinto::Answer& answer) const {
  return {Errc::rejected,
          name() + " " + url() + ": " + request + ": " + std::to_string(answer.status) + " " +
              answer.message,
          answer.status};
}

}  // namespace kinto_mirror::selftest
