#include "daemon/combined.hpp"

#include "daemon/text.hpp"
#include "sync/tree/container.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

char sign_of(sync::Finding finding) noexcept {
  switch (finding) {
    case sync::Finding::same:
      return '=';
    case sync::Finding::missing:
      return '+';
    case sync::Finding::differs:
      return '*';
    case sync::Finding::extra:
    case sync::Finding::undeleted:
      return '-';
    case sync::Finding::quarantined:
      return '!';
  }
  return '!';
}

char sign_of(sync::ContainerDifference::Kind kind) noexcept {
  using Kind = sync::ContainerDifference::Kind;
  switch (kind) {
    case Kind::missing:
      return '+';
    case Kind::data:
    case Kind::permissions:
      return '*';
    case Kind::undeleted:
    case Kind::extra:
      return '-';
    case Kind::quarantined:
    case Kind::unknown_permissions:
      return '!';
  }
  return '!';
}

// What has no name to be given another file's.
bool is_device_or_pipe(const std::string& path) {
  std::error_code none;
  const auto found = std::filesystem::status(path, none);
  return std::filesystem::is_other(found);
}

}  // namespace

Combined::Combined(std::string file, std::ostream& standard, bool many)
    : file_(std::move(file)), many_(many), out_(file_ == "-" ? standard : own_) {
  if (file_ == "-") return;
  if (is_device_or_pipe(file_)) {
    own_.open(file_, std::ios::binary);
    return;
  }
  auto opened = sync::dump::Output::open(file_, sync::dump::Output::Kind::listing);
  if (opened) beside_ = std::move(*opened);
  if (!opened) written_ = opened.error();
}

Result<void> Combined::opened() const {
  if (written_ && out_.good()) return success();
  const std::string why = written_ ? "" : written_.error().message + ": ";
  return Error(written_ ? Errc::usage : written_.error().code,
               "--combined '" + file_ + "' cannot be written: " + why +
                   "give a file in a folder that exists and that this user may write, or - for "
                   "stdout");
}

Result<void> Combined::close() {
  if (keeps_former()) return success();
  if (beside_ && written_) written_ = beside_->finish();
  if (!beside_) out_.flush();
  if (written_ && out_.good()) return success();
  const std::string why = written_ ? "is the disk full?" : written_.error().message + ".";
  return Error(Errc::rejected, "--combined '" + file_ + "' was not written to its end: " + why +
                                   " Make room, and compare again");
}

void Combined::line(char sign, std::string_view id, const std::string& replica) {
  std::string text = std::string(1, sign) + ' ' + printable(id);
  if (many_) text += '\t' + replica;
  if (!beside_) {
    out_ << text << '\n';
  } else if (written_) {
    written_ = beside_->line(text);
  }
}

void Combined::compared(const std::string& replica, const CollectionId& id, std::string_view record,
                        sync::Finding finding) {
  line(sign_of(finding), id.str() + "/" + std::string(record), replica);
}

void Combined::containers_done(const std::string& replica, const sync::ContainersReport& report) {
  const auto told = [&](const std::string& id) { return failed_.contains({replica, id}); };
  for (const std::string& id : report.equal) {
    if (!told(id)) line('=', id, replica);
  }
  std::string last;
  for (const sync::ContainerDifference& one : report.differences) {
    // Of one that differs in several ways the first tells.
    const bool again = one.id == std::exchange(last, one.id);
    if (!again && !told(one.id)) line(sign_of(one.kind), one.id, replica);
  }
}

void Combined::pass_done(const std::string& replica, const sync::CollectionReport& report) {
  const bool compared = !report.error && report.state != sync::State::not_shown;
  if (compared) return;
  const std::string id = sync::container_of(report.id).str();
  if (failed_.emplace(replica, id).second) line('!', id, replica);
}

}  // namespace kinto_mirror::daemon
