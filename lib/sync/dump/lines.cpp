#include "sync/dump/lines.hpp"

namespace kinto_mirror::sync {

namespace {

constexpr std::size_t piece = std::size_t{1} << 20U;
// gzip makes at most a thousand bytes of one.
constexpr std::size_t packed_piece = std::size_t{64} << 10U;
constexpr std::size_t most_unpacked = std::size_t{128} << 20U;

}  // namespace

bool is_gzip(std::string_view begin) noexcept {
  return begin.starts_with("\x1f\x8b");
}

Bytes::Bytes(const DiskFile& file, std::uint64_t from, bool gzip) : file_(file), at_(from) {
  if (gzip) inflater_ = std::make_unique<http::Inflater>(http::Coding::gzip);
}

Result<bool> Bytes::more(std::string& out) {
  if (!inflater_) {
    auto got = file_.read_at(at_, piece, out);
    if (!got) return got.error();
    at_ += *got;
    return *got > 0;
  }
  const std::size_t before = out.size();
  while (out.size() == before) {
    packed_.clear();
    const auto got = file_.read_at(at_, packed_piece, packed_);
    if (!got) return got.error();
    at_ += *got;
    if (*got == 0 && inflater_->complete()) return false;
    if (*got == 0) {
      return Error(Errc::unproven, file_.path() +
                                       " is cut: its gzip data end in the middle; copy "
                                       "it whole, or make the dump anew");
    }
    const auto outcome = inflater_->add(packed_, out, before + most_unpacked);
    if (outcome != http::Inflater::Outcome::good) {
      return Error(Errc::unproven, file_.path() +
                                       " is damaged: its gzip data cannot be unpacked; copy it "
                                       "anew, or make the dump anew");
    }
  }
  return true;
}

Result<std::optional<std::string_view>> Lines::next() {
  std::size_t looked = at_;
  while (true) {
    const std::size_t end = buffer_.find('\n', looked);
    if (end != std::string::npos) {
      line_at_ = base_ + at_;
      const std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
      at_ = end + 1;
      ended_ = true;
      return std::optional<std::string_view>(line);
    }
    base_ += at_;
    buffer_.erase(0, at_);
    at_ = 0;
    looked = buffer_.size();
    if (looked > longest) {
      return Error(Errc::unproven, path_ + ": a line of more than 256 MiB is no record of Kinto's");
    }
    const auto more = bytes_.more(buffer_);
    if (!more) return more.error();
    if (*more) continue;
    if (buffer_.empty()) return std::optional<std::string_view>();
    line_at_ = base_;
    at_ = buffer_.size();
    ended_ = false;
    return std::optional<std::string_view>(buffer_);
  }
}

}  // namespace kinto_mirror::sync
