#pragma once
// `check --combined FILE`: one line for each record and container, as rclone's `check` writes it.

#include "base/error.hpp"
#include "sync/dump/output.hpp"
#include "sync/observer.hpp"

#include <fstream>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace kinto_mirror::daemon {

// "= b/c/r" the same on both sides, "+" only on the master, "-" only on the replica, "*" differs,
// "!" quarantined or not comparable. Records are "bucket/collection/record"; containers, and
// collections that could not be compared, are named as in `--json`: "b", "b/groups/g",
// "b/collections/c". The lines come as the walks find them, collections side by side.
class Combined final : public sync::Observer {
 public:
  // `file`: a path, a device or a pipe, or "-" for `standard`, which outlives it. What is a file is
  // written beside, and replaced at the end. `many`: a tab and the replica's name follow each id.
  Combined(std::string file, std::ostream& standard, bool many);
  // Errc::usage where it cannot be written.
  [[nodiscard]] Result<void> opened() const;

  // The run came to its end, and compared every replica: without, a file is left as it was.
  void set_whole() noexcept { whole_ = true; }
  [[nodiscard]] bool keeps_former() const noexcept { return !whole_ && beside_ != nullptr; }

  // All is written, or Errc::rejected: a listing that lacks lines is not to be taken for a whole
  // one.
  [[nodiscard]] Result<void> close();

  void compared(const std::string& replica, const CollectionId& id, std::string_view record,
                sync::Finding finding) override;
  void containers_done(const std::string& replica, const sync::ContainersReport& report) override;
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override;
  void quarantined(const std::string&, const CollectionId&, const sync::Refusal&) override {}
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string&, const Error&, Millis) override {}
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string&, const CollectionId&, std::string_view) override {}

 private:
  void line(char sign, std::string_view id, const std::string& replica);

  std::string file_;
  bool many_;
  bool whole_ = false;
  std::unique_ptr<sync::dump::Output> beside_;  // of a file
  Result<void> written_ = success();            // to that, and why not
  std::ofstream own_;                           // of a device or a pipe
  std::ostream& out_;
  // Collections that could not be compared, by replica: their own line is told already.
  std::set<std::pair<std::string, std::string>> failed_;
};

}  // namespace kinto_mirror::daemon
