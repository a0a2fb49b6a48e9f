#pragma once
// The story of one simulation, for whoever replays a failure.

#include "timeline.hpp"

#include <cstdio>
#include <string>

namespace kinto_mirror::simulate {

class Trace {
 public:
  Trace(const Timeline& timeline, bool wanted) : timeline_(timeline), wanted_(wanted) {}

  // `text` is called only where somebody wants to read it.
  template <class Text>
  void add(const Text& text) const {
    if (!wanted_) return;
    const auto ms = timeline_.now().time_since_epoch().count() - 1'000'000;
    const std::string line = text();
    std::printf("%9.3f %s\n", static_cast<double>(ms) / 1000, line.c_str());
  }

 private:
  const Timeline& timeline_;
  bool wanted_;
};

}  // namespace kinto_mirror::simulate
