#include "selftest/litter.hpp"

#include "selftest/client.hpp"
#include "sync/decide/checkpoint.hpp"
#include "sync/decide/scope.hpp"

#include <algorithm>
#include <stdexcept>

namespace kinto_mirror::selftest {

namespace {

// Deletes `path`. What is not there any more is a success; a bucket that is not there answers 403.
void remove(Client& client, const std::string& path) {
  const auto answer = client.ask(kinto::Subrequest("DELETE", path));
  if (!answer) throw Refused(answer.error());
  const int status = answer->status;
  if (status < 300 || status == 403 || status == 404 || status == 410) return;
  throw Refused(Error(Errc::rejected, std::to_string(status) + " " + answer->message, status));
}

// A collection that is deleted with more records than the server handles in one go leaves orphans
// in its database, so it is emptied first.
void empty(Client& client, const CollectionId& id) {
  for (std::int64_t left = client.count(id); left > 0;) {
    remove(client, kinto::records_path(id));
    const std::int64_t now = client.count(id);
    if (now >= left) throw std::runtime_error("its records cannot be deleted");
    left = now;
  }
}

// A bucket that is deleted takes its groups along, but not what their members are by them.
void remove_bucket(Client& client, const std::string& bucket) {
  remove(client, kinto::groups_path(bucket));
  for (const std::string& collection : client.collections(bucket)) {
    empty(client, CollectionId(bucket, collection));
  }
  const std::string path = "/buckets/" + bucket;
  remove(client, path);
  const auto still = client.ask(kinto::Subrequest("GET", path));
  if (still && still->status < 300) throw std::runtime_error("it is still there");
}

void remove_checkpoint(Client& replica, const std::string& master, const CollectionId& id) {
  const CollectionId place(std::string(sync::checkpoint_bucket), "checkpoints");
  remove(replica, kinto::record_path(place, sync::checkpoint_id(master, id)));
}

std::string own_bucket() {
  return "/buckets/" + std::string(sync::checkpoint_bucket);
}

}  // namespace

std::vector<std::string> Litter::sweep(const std::string& bucket) {
  std::vector<std::string> problems;
  std::set<std::string> collections = buckets_[bucket];
  const auto attempt = [&problems, &bucket](Client& client, const auto& step) {
    try {
      step(client);
    } catch (const std::exception& error) {
      problems.push_back("bucket " + bucket + " is left on " + client.name() + " " + client.url() +
                         ": " + error.what());
    }
  };
  Client master(settings_.master, settings_.user_agent, nullptr, Patience::short_);
  Client replica(settings_.replica, settings_.user_agent, nullptr, Patience::short_);
  for (Client* client : {&master, &replica}) {
    attempt(*client, [&bucket, &collections](Client& server) {
      for (std::string& name : server.collections(bucket)) collections.insert(std::move(name));
      remove_bucket(server, bucket);
    });
  }
  attempt(replica, [&bucket, &collections, &master](Client& server) {
    for (const std::string& collection : collections) {
      remove_checkpoint(server, master.url(), CollectionId(bucket, collection));
    }
  });
  if (problems.empty()) buckets_.erase(bucket);
  return problems;
}

std::vector<std::string> Litter::sweep_all() {
  std::vector<std::string> problems;
  for (const auto& [bucket, collections] : std::map(buckets_)) {
    const std::vector<std::string> found = sweep(bucket);
    problems.insert(problems.end(), found.begin(), found.end());
  }
  sweep_own_bucket(problems);
  return problems;
}

void Litter::look_before() {
  Client replica(settings_.replica, settings_.user_agent, nullptr, Patience::short_);
  try {
    made_own_bucket_ = !replica.container(own_bucket());
  } catch (const std::exception&) {
    made_own_bucket_ = false;  // what nobody knows stays
  }
}

// A daemon that has begun since then has a checkpoint in it, and keeps it.
void Litter::sweep_own_bucket(std::vector<std::string>& problems) {
  if (!made_own_bucket_) return;
  Client replica(settings_.replica, settings_.user_agent, nullptr, Patience::short_);
  const std::string bucket(sync::checkpoint_bucket);
  try {
    for (const std::string& collection : replica.collections(bucket)) {
      if (replica.count(CollectionId(bucket, collection)) > 0) return;
    }
    remove(replica, own_bucket());
    made_own_bucket_ = false;
  } catch (const std::exception& error) {
    problems.push_back("bucket " + bucket + " is left on " + replica.name() + " " + replica.url() +
                       ": " + error.what());
  }
}

}  // namespace kinto_mirror::selftest
