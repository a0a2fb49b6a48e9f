#include "selftest/world.hpp"

#include "selftest/doctest.hpp"
#include "selftest/session.hpp"
#include "sync/decide/scope.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

// A pass: a fixed part, and a part for each record of --records.
constexpr Millis pass_limit{60'000};
constexpr Millis limit_a_record{50};

std::string admitted_bucket() {
  session().admit();
  return std::string(sync::selftest_prefix) + unique_suffix();
}

Millis limit() {
  return pass_limit + limit_a_record * session().settings().records;
}

}  // namespace

World::World()
    : id(admitted_bucket(), "articles"),
      random(session().seed(), session().scenario()),
      master(session().settings().master, session().settings().user_agent, &session().interrupt()),
      replica(session().settings().replica, session().settings().user_agent,
              &session().interrupt()) {
  for (Client* client : {&master, &replica}) {
    const auto hello = client->hello();
    if (hello) continue;
    session().lose(hello.error().message);
    throw Refused(hello.error());
  }
  session().litter().add(id);
}

World::~World() {
  for (const std::string& problem : session().litter().sweep(id.bucket)) {
    FAIL_CHECK(problem);
  }
}

std::int64_t World::scale(std::int64_t usual, std::int64_t least) {
  const std::int64_t asked = session().settings().records;
  return std::max(asked > 0 ? asked : usual, least);
}

CollectionId World::also(const std::string& collection) const {
  CollectionId other(id.bucket, collection);
  session().litter().add(other);
  return other;
}

void World::needs(Client& client, const std::string& method, const std::string& path) {
  const std::string refusal = client.refusal(method, path);
  if (!refusal.empty()) session().skip(refusal + "; this scenario needs the right to do that");
}

void World::needs_lists(Client& client, const std::string& path) {
  const auto seen = client.container(path);
  if (!seen || !seen->lists.empty()) return;
  session().skip(client.name() + " " + client.url() + ": does not show the permissions of " + path +
                 " to its user; this scenario needs to see them");
}

void World::publish(const std::vector<Record>& records) {
  master.create(id);
  master.put(id, records);
}

sync::Options World::options() const {
  sync::Options options;
  options.collections = {id.bucket + "/*"};
  return options;
}

Pass World::pass(sync::Options options, Taps taps) {
  Mirror mirror(session().settings(), session().interrupt(), std::move(options), std::move(taps),
                limit());
  return mirror.once();
}

std::unique_ptr<Mirror> World::follow(sync::Options options) {
  auto mirror = std::make_unique<Mirror>(session().settings(), session().interrupt(),
                                         std::move(options), Taps(), limit());
  mirror->follow();
  return mirror;
}

std::string World::difference(const CollectionId& of) {
  return selftest::difference(master.contents(of), replica.contents(of));
}

std::string World::difference(const std::string& path) {
  return selftest::difference(master.container(path), replica.container(path));
}

void pause() {
  std::this_thread::sleep_for(Millis{5});
}

}  // namespace kinto_mirror::selftest
