#pragma once
// Which stamp a write gets.

#include "model/options.hpp"

#include <optional>

namespace kinto_mirror::model {

struct Assigned {
  Epoch stamp = 0;                  // of the object
  std::optional<Epoch> collection;  // memory only: the collection's new timestamp
};

// `newest` is the collection's timestamp, `chosen` what the client asks for.
Assigned assign_stamp(Profile profile, std::optional<Epoch> newest, std::optional<Epoch> chosen,
                      Epoch now);

// Python's dates end with the year 9999: Kinto cannot write Last-Modified for later stamps.
inline constexpr Epoch end_of_dates = 253402300800000;

}  // namespace kinto_mirror::model
