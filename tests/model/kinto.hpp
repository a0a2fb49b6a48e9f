#pragma once
// A Kinto server in memory: it answers requests as Kinto 26 does, on either of its backends.

#include "http/transport.hpp"
#include "model/context.hpp"
#include "model/options.hpp"

#include <map>
#include <string>
#include <vector>

namespace kinto_mirror::model {

class Kinto {
 public:
  Kinto(Options options, ClockOfServer clock);

  // One request, whole. Never throws.
  http::Response answer(const http::Request& request);

  // PostgreSQL's commit-order inversion: the request runs now, with the stamp of now, in a
  // transaction that stays open. Nobody sees what it wrote until commit(), which returns its answer
  // (409 if the stamp was taken meanwhile). A request that fails holds nothing.
  using Held = std::uint64_t;
  Held hold(const http::Request& request);
  http::Response commit(Held held);

  // `kinto purge-deleted`, for parents like "/buckets/*".
  void purge_deleted(const std::string& parent_pattern);
  // What a restart forgets: everything, on memory.
  void restart();

  // Backups, and what a checker wants to look at.
  [[nodiscard]] const Store& store() const { return server_.store; }
  void restore(const Store& backup) { server_.store.restore(backup); }
  // To be changed now: what it says later through the same reference does not come to all.
  Options& options() {
    server_.remembered.forget();
    return server_.options;
  }
  [[nodiscard]] const Options& options() const { return server_.options; }

 private:
  struct Open {
    std::vector<Change> changes;
    http::Response response;
  };
  // Leaves the transaction open if the answer is a success.
  http::Response run(const http::Request& request, Unit& unit);
  // As run(), or as it was answered before.
  http::Response read(const http::Request& request);
  void decorate(const http::Request& request, http::Response& response);

  Server server_;
  std::map<Held, Open> held_;
  Held last_held_ = 0;
};

}  // namespace kinto_mirror::model
