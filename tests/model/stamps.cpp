#include "model/stamps.hpp"

#include <algorithm>

namespace kinto_mirror::model {

namespace {

Assigned on_memory(Epoch collection, std::optional<Epoch> chosen, Epoch now) {
  if (!chosen) {
    const Epoch stamp = std::max(now, collection + 1);
    return {stamp, stamp};
  }
  if (*chosen == collection) return {collection + 1, collection + 1};
  return {*chosen, std::max(*chosen, collection)};
}

}  // namespace

Assigned assign_stamp(Profile profile, std::optional<Epoch> newest, std::optional<Epoch> chosen,
                      Epoch now) {
  if (profile == Profile::memory) return on_memory(newest.value_or(0), chosen, now);
  // The trigger bump_timestamp() of Kinto's schema.
  if (chosen && chosen != newest) return {*chosen, std::nullopt};
  return {newest ? std::max(now, *newest + 1) : now, std::nullopt};
}

}  // namespace kinto_mirror::model
