#pragma once
// Which collections there are, of those in scope.

#include "kinto/server.hpp"
#include "sync/decide/scope.hpp"
#include "sync/pass_context.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

struct Discovered {
  std::vector<CollectionId> ids;     // sorted
  std::vector<CollectionId> others;  // in scope, and of other shards; sorted
  // What shows that some list was stored on its way: what it does not name may be there all the
  // same.
  std::string stored;
  // The list of these buckets' collections was refused in front of the server: what they hold is
  // not known.
  std::set<std::string> unread;
  // Why that was refused; or why nothing at all is left, where a right is missing.
  std::optional<Error> refused;
  std::set<std::string> listed;  // buckets whose collections were listed
  std::set<std::string> hidden;  // buckets whose collections this user may not list

  // What another list shows.
  void add(const std::vector<CollectionId>& more);

  // Nothing is known to be left out of it.
  [[nodiscard]] bool whole() const { return stored.empty() && !refused && hidden.empty(); }
};

// Collections named without a wildcard are among them whether or not they exist. A bucket whose
// collections this user may not list contributes nothing, and where nothing at all is left, that
// is why. One that is spelled out stands as "bucket/*", so that it is reported as missing. Several
// buckets are asked for at a time; `background` outlives what that started.
ResultTask<Discovered> discover(kinto::Server& server, TaskGroup& background, const Scope& scope);

// What the observer was told already.
struct ToldOfScope {
  std::set<std::string> buckets;   // whose collections the master's user may not list
  std::set<std::string> patterns;  // that were held against a list
};

// Of the master, as above. Buckets that it lists without letting their collections be listed are
// told to the observer: once each, until they could be listed in between. So is a pattern that
// matches nothing while others do: once, at the first list.
ResultTask<Discovered> discover(const PassContext& context, const Scope& scope, ToldOfScope& told);

// Tells the observer that nothing was found, and what that may mean. REQUIRES: no ids.
void tell_nothing_in_scope(const PassContext& context, const Discovered& found);

}  // namespace kinto_mirror::sync
