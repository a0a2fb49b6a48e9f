#include "http/inflate.hpp"

#include "http/transport.hpp"

#include <algorithm>
#include <zlib.h>

namespace kinto_mirror::http {

namespace {

constexpr int raw = -MAX_WBITS;             // deflate without any header
constexpr int with_header = MAX_WBITS;      // zlib's own
constexpr int with_gzip = MAX_WBITS + 16;   // gzip's, and no other
constexpr std::size_t least_room = 16'384;  // that the output grows by

// The first byte of a zlib header names the method 8; a block of deflate does not begin so.
bool has_zlib_header(char first) noexcept {
  return (static_cast<unsigned char>(first) & 0x0fU) == 8;
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

Coding coding_of(std::string_view content_encoding) noexcept {
  const std::string_view name = trimmed(content_encoding);
  if (name.empty() || same_name(name, "identity")) return Coding::none;
  if (same_name(name, "gzip") || same_name(name, "x-gzip")) return Coding::gzip;
  return same_name(name, "deflate") ? Coding::deflate : Coding::other;
}

struct Inflater::State {
  explicit State(Coding coding_) : coding(coding_) {}
  ~State() {
    if (open) inflateEnd(&stream);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool begin(char first) {
    int bits = with_gzip;
    if (coding == Coding::deflate) bits = has_zlib_header(first) ? with_header : raw;
    open = inflateInit2(&stream, bits) == Z_OK;
    return open;
  }

  Coding coding;
  z_stream stream{};
  bool open = false;
  bool ended = false;  // the member that was read last
};

Inflater::Inflater(Coding coding) : state_(std::make_unique<State>(coding)) {}

Inflater::~Inflater() = default;

bool Inflater::complete() const noexcept {
  return !state_->open || state_->ended;
}

// Inflates into the end of `out` itself, which grows by half of what it has.
Inflater::Outcome Inflater::add(std::string_view piece, std::string& out, std::size_t limit) {
  if (piece.empty()) return Outcome::good;
  if (!state_->open && !state_->begin(piece.front())) return Outcome::broken;
  z_stream& stream = state_->stream;
  // zlib's interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream.avail_in = static_cast<uInt>(piece.size());
  std::size_t size = out.size();
  Outcome outcome = Outcome::good;
  bool full = false;  // the last call had more to give than there was room
  while (outcome == Outcome::good && (stream.avail_in > 0 || full)) {
    // Zeros may fill up what lies behind a member, as gzip's own manual has it.
    const bool padded = state_->ended && state_->coding == Coding::gzip;
    while (padded && stream.avail_in > 0 && *stream.next_in == 0) {
      ++stream.next_in;
      --stream.avail_in;
    }
    if (padded && stream.avail_in == 0) break;
    if (state_->ended) {
      if (state_->coding != Coding::gzip || inflateReset(&stream) != Z_OK) return Outcome::broken;
      state_->ended = false;
    }
    // A byte more than the limit tells that there is one.
    if (out.size() == size) out.resize(std::min(limit + 1, size + std::max(size / 2, least_room)));
    const std::size_t room = out.size() - size;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    size += room - stream.avail_out;
    full = stream.avail_out == 0 && code != Z_STREAM_END;
    state_->ended = code == Z_STREAM_END;
    if (size > limit) outcome = Outcome::too_large;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) outcome = Outcome::broken;
  }
  out.resize(std::min(size, limit));
  return outcome;
}

}  // namespace kinto_mirror::http
