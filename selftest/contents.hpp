#pragma once
// What a collection holds, comparable by value: order of keys, white space and escapes differ
// between backends, and numbers are compared as they are written.

#include "base/types.hpp"
#include "selftest/random.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::selftest {

struct Stored {
  Stamp stamp;
  std::string body;  // canonical, without id and last_modified

  bool operator==(const Stored&) const = default;
};

using Contents = std::map<std::string, Stored>;  // by id

// `text` with the keys in order, no white space, and one spelling of each string; `text` itself
// where it is no JSON.
std::string canonical(std::string_view text);

// The same of an object, without its id and last_modified.
std::string canonical_body(std::string_view object);

// Nothing when both are equal by id, body and stamp, otherwise the first few differences in words.
std::string difference(const Contents& master, const Contents& replica);

Contents without(Contents contents, const std::vector<Record>& records);

}  // namespace kinto_mirror::selftest
