#pragma once
// What every driver of a pass needs. All references outlive the pass and the background group.

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "kinto/server.hpp"
#include "sync/observer.hpp"
#include "sync/options.hpp"

namespace kinto_mirror::sync {

struct PassContext {
  kinto::Server& master;
  kinto::Server& replica;
  const Options& options;
  Clock& clock;
  Stop& stop;
  TaskGroup& background;  // pages read ahead; joined by the engine
  Observer& observer;
};

}  // namespace kinto_mirror::sync
