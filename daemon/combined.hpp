#pragma once
// `check --combined FILE`: one line for each record and container, as rclone's `check` writes it.

#include "base/error.hpp"
#include "sync/observer.hpp"

#include <fstream>
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
  // `file`: a path, which is overwritten, or "-" for `standard`, which outlives it. `many`: a tab
  // and the replica's name follow each id. Errc::usage where it cannot be written.
  Combined(std::string file, std::ostream& standard, bool many);
  [[nodiscard]] Result<void> opened() const;

  // All is written, or Errc::internal: a listing that lacks lines is not to be taken for a whole
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
  std::ofstream own_;
  std::ostream& out_;
  // Collections that could not be compared, by replica: their own line is told already.
  std::set<std::pair<std::string, std::string>> failed_;
};

}  // namespace kinto_mirror::daemon
