#pragma once
// What has a name (&a) in a YAML file, to be repeated where the name stands (*a). Pure.

#include "base/error.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync::dump {

class Anchors {
 public:
  // Bounds in bytes of JSON: of all that has a name, and of all that is repeated.
  Anchors(std::size_t named, std::size_t repeated) : named_(named), repeated_(repeated) {}

  // What comes next, at that depth, is called `name`, until the end() of that depth. A name may be
  // given anew.
  void begin(const std::string& name, std::size_t depth);
  // What was just written stood at that depth, and is whole.
  void end(std::size_t depth);
  // Belongs to all that has begun. `depth` is of the deepest of it.
  Result<void> add(std::string_view json, std::size_t depth);

  struct Named {
    std::string json;
    std::size_t height = 0;  // how many maps and lists are within each other
  };
  // What is called so. Errors tell why it cannot stand here.
  Result<const Named*> repeat(const std::string& name);

 private:
  struct Open {
    std::string name;
    std::size_t depth = 0;
    Named named;
  };

  std::size_t named_;     // what is left of it
  std::size_t repeated_;  // likewise
  std::vector<Open> open_;
  std::map<std::string, Named> whole_;
};

}  // namespace kinto_mirror::sync::dump
