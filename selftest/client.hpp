#pragma once
// An ordinary client of one server, in plain calls that return when the server has answered.

#include "base/clock.hpp"
#include "base/types.hpp"
#include "kinto/server.hpp"
#include "selftest/connect.hpp"
#include "selftest/container.hpp"
#include "selftest/contents.hpp"
#include "selftest/interrupt.hpp"
#include "selftest/loop.hpp"
#include "selftest/random.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// What a server refuses to do for an ordinary client.
class Refused : public std::runtime_error {
 public:
  explicit Refused(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

// How long a client that meets no answer goes on asking.
enum class Patience { usual, short_ };

class Client {
 public:
  // `interrupt` may be null, for a client that is not to be interrupted.
  Client(const Endpoint& endpoint, const std::string& user_agent, const Interrupt* interrupt,
         Patience patience = Patience::usual);

  [[nodiscard]] const std::string& name() const { return server_->config().name; }
  [[nodiscard]] const std::string& url() const { return server_->config().url; }

  Result<kinto::Hello> hello();

  // The answer to one request, whatever its status.
  Result<kinto::Answer> ask(kinto::Subrequest request);

  // The calls below throw Refused, Interrupted or TimedOut.

  // Bucket and collection, where they are not there yet. `data`: the collection's own attributes.
  void create(const CollectionId& id, const std::string& data = "{}");
  // Creates or replaces; the server chooses the stamps, unless a body holds a last_modified.
  void put(const CollectionId& id, const std::vector<Record>& records);
  void put(const CollectionId& id, const Record& record);
  void remove(const CollectionId& id, const Record& record);
  // Every live record.
  Contents contents(const CollectionId& id);
  // The collection's own attributes, canonical.
  std::string attributes(const CollectionId& id);
  std::int64_t count(const CollectionId& id);
  bool exists(const CollectionId& id);
  std::vector<std::string> collections(const std::string& bucket);

  // Of buckets, groups and collections, by their path. `data` and `permissions` in JSON.
  void write(const std::string& method, const std::string& path, const std::string& data = {},
             const std::string& permissions = {});
  // Nothing where there is none, as far as this user is told.
  std::optional<Container> container(const std::string& path);
  // The stamp of what it left when it was deleted; nothing where it left nothing.
  std::optional<Stamp> tombstone(const std::string& path);
  // Why this user may not do that, in the server's words; empty: he may. Nothing is done: Kinto
  // looks at rights before preconditions, and no object has the stamp 1.
  std::string refusal(const std::string& method, const std::string& path);

 private:
  template <class T>
  T must(Result<T> result) {
    if (!result) throw Refused(result.error());
    return std::move(*result);
  }
  void send(std::vector<kinto::Subrequest> requests);
  [[nodiscard]] Error unexpected(const std::string& request, const kinto::Answer& answer) const;

  SystemClock clock_;
  Loop loop_;
  std::unique_ptr<kinto::Server> server_;
};

}  // namespace kinto_mirror::selftest
