#pragma once
// Asks for single deletions on the replica of the model's two Kintos, for the tests of them.

#include "sync/tree/deletions.hpp"
#include "sync/tree/test_world.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace kinto_mirror::sync::test {

// Why a container stays; nothing where it went.
using Why = std::optional<std::string>;

struct Asking : World {
  using World::World;

  // `work(context, deletion, view)` for the container `name`, as things are now.
  template <class Work>
  Result<Why> ask(const std::string& name, Stamp tombstone, Work work) {
    const ContainerId id = container(name);
    const model::Object* const held = find_object(replica, id);
    const Deletion deletion{id, tombstone, held != nullptr ? Stamp{held->stamp} : Stamp{}};
    const Scope scope(options.collections, options.shard);
    const auto inner = [&](const PassContext& with) -> Task<Result<Why>> {
      Containers buckets = *co_await read_bucket_list(with.replica, with.background);
      const Tree none;
      const DeletionView view{none, none, buckets, scope, {}};
      co_return co_await work(with, deletion, view);
    };
    return run<Result<Why>>([&inner](const PassContext& with) { return inner(with); });
  }
};

inline bool says(const Result<Why>& result, const std::string& part) {
  REQUIRE(result.has_value());
  const std::string text = result->value_or("nothing");
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace kinto_mirror::sync::test
