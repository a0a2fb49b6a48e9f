#pragma once
// Visits of many collections at once: where they are large, each is work enough for a connection;
// where they are small, more go at once, and their requests share batches (kinto/gather.hpp).

#include "base/task_group.hpp"
#include "sync/decide/visits.hpp"
#include "sync/pass_context.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

// In the order of a single run, as the master counts now; what it does not count may be large.
// Where all go at once nobody asks. An error means that a request as a whole failed.
ResultTask<std::vector<Visit>> smallest_first(const PassContext& context,
                                              std::vector<CollectionId> ids);

// REQUIRES: join() has been awaited before it is destroyed; one thread.
class SideBySide {
 public:
  // `parallel`: large collections at once, and for each place so many small ones.
  SideBySide(const boost::asio::any_io_executor& executor, int parallel)
      : small_(executor), large_(executor), parallel_(parallel) {}

  // Records, as the master counts, up to which a collection is small.
  static constexpr std::int64_t few = 100;
  static constexpr int small_ones_in_a_place = 8;

  // Returns when there is a place for a collection of so many records.
  Task<void> wait_for_place(std::int64_t records) {
    if (records <= few) return small_.wait_below(parallel_ * small_ones_in_a_place);
    return large_.wait_below(parallel_);
  }
  // What the task refers to must live until it has been joined.
  void spawn(std::int64_t records, Task<void> task) {
    (records <= few ? small_ : large_).spawn(std::move(task));
  }
  Task<void> join() {
    co_await small_.join();
    co_await large_.join();
  }

 private:
  TaskGroup small_;
  TaskGroup large_;
  int parallel_;
};

}  // namespace kinto_mirror::sync
