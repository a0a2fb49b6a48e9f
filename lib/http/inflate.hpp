#pragma once
// Undoes the compression of a body, piece by piece. Pure.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::http {

// How a body is coded, as Content-Encoding says.
enum class Coding { none, gzip, deflate, other };

// Of a header's value; "" and "identity" are none, "x-gzip" is gzip. Several codings, one upon the
// other, are another.
Coding coding_of(std::string_view content_encoding) noexcept;

// One body. gzip may have several members (RFC 1952), and deflate comes with a zlib header, as it
// should, or without, as some servers send it.
class Inflater {
 public:
  // REQUIRES: gzip or deflate.
  explicit Inflater(Coding coding);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class Outcome { good, broken, too_large };

  // Appends what `piece` holds to `out`, which never grows beyond `limit` bytes.
  Outcome add(std::string_view piece, std::string& out, std::size_t limit);

  // Whether all that has begun has ended: a body may not stop here otherwise.
  [[nodiscard]] bool complete() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kinto_mirror::http
