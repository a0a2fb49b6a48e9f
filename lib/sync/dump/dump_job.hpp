#pragma once
// What a dump is made with. All references outlive it.

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "kinto/server.hpp"
#include "sync/dump/format.hpp"
#include "sync/dump/output.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace kinto_mirror::sync::dump {

struct Job {
  kinto::Server& master;
  Output& output;
  Clock& clock;
  Stop& stop;
  TaskGroup& background;  // pages read ahead
  // Told once a page: of this collection so many of about `total` lines are written.
  std::function<void(const CollectionId&, std::int64_t done, std::int64_t total)> progress;
  // What is worth knowing and no failure.
  std::function<void(std::string_view message)> notice;
};

}  // namespace kinto_mirror::sync::dump
