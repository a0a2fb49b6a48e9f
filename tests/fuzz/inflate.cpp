// Inflating: never more than the bound; the same however the bytes come; and what zlib has packed
// comes out as it went in.

#include "http/inflate.hpp"

#include "fuzz.hpp"

#include <algorithm>
#include <zlib.h>

namespace kinto_mirror::fuzz {

namespace {

using http::Coding;
using http::Inflater;
using Outcome = Inflater::Outcome;

constexpr std::size_t limit = std::size_t{64} << 10U;

struct Unpacked {
  Outcome outcome = Outcome::good;
  bool complete = false;
  std::string text;
};

Unpacked unpack(Coding coding, std::string_view packed, std::size_t piece, std::size_t most) {
  Unpacked out;
  Inflater inflater(coding);
  while (!packed.empty() && out.outcome == Outcome::good) {
    out.outcome = inflater.add(packed.substr(0, piece), out.text, most);
    packed.remove_prefix(std::min(piece, packed.size()));
    hold(out.text.size() <= most, "more is unpacked than the bound");
  }
  out.complete = inflater.complete();
  return out;
}

std::string pack(std::string_view text, int bits, int level) {
  z_stream stream{};
  hold(deflateInit2(&stream, level, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  hold(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void unpack_anything(Coding coding, std::string_view packed, std::size_t piece) {
  const Unpacked whole = unpack(coding, packed, packed.size(), limit);
  const Unpacked pieces = unpack(coding, packed, piece, limit);
  hold(whole.outcome == pieces.outcome, "another outcome in pieces");
  if (whole.outcome != Outcome::good) return;
  hold(whole.complete == pieces.complete, "another end in pieces");
  hold(whole.text == pieces.text, "another text in pieces");
}

// As one member or, of gzip, as two; `bits`: which of zlib's formats.
void pack_and_unpack(unsigned kind, std::string_view text, std::size_t piece) {
  const int level = static_cast<int>(kind / 3 % 10);
  const bool gzip = kind % 3 == 0;
  const int bits = gzip ? MAX_WBITS + 16 : (kind % 3 == 1 ? MAX_WBITS : -MAX_WBITS);
  const std::size_t middle = gzip ? text.size() / 2 : 0;
  std::string packed = pack(text.substr(middle), bits, level);
  if (middle > 0) packed.insert(0, pack(text.substr(0, middle), bits, level));
  const Coding coding = gzip ? Coding::gzip : Coding::deflate;
  // Without a header the first byte may be one that a header begins with.
  const bool ambiguous = bits < 0 && (static_cast<unsigned char>(packed.front()) & 0x0fU) == 8;
  if (ambiguous) return;
  const Unpacked out = unpack(coding, packed, piece, limit);
  hold(out.outcome == Outcome::good && out.complete, "what zlib packed is refused");
  hold(out.text == text, "what zlib packed is another text");
  if (text.empty()) return;
  const Unpacked cut = unpack(coding, packed, piece, text.size() - 1);
  hold(cut.outcome == Outcome::too_large, "what is too large is taken");
  const auto without_end = std::string_view(packed).substr(0, packed.size() - 1);
  const Unpacked early = unpack(coding, without_end, piece, limit);
  hold(!early.complete || early.outcome != Outcome::good, "what is cut counts as whole");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  using kinto_mirror::http::Coding;
  fuzz::Input input(fuzz::text_of(data, size));
  const unsigned kind = input.byte();
  const std::size_t piece = input.byte() + 1;
  switch (kind % 4) {
    case 0:
      fuzz::unpack_anything(Coding::gzip, input.rest(), piece);
      break;
    case 1:
      fuzz::unpack_anything(Coding::deflate, input.rest(), piece);
      break;
    default:
      fuzz::pack_and_unpack(kind / 4, input.rest(), piece);
  }
  return 0;
}
