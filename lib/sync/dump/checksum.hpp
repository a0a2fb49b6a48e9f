#pragma once
// SHA-256 of bytes that come piece by piece.

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace kinto_mirror::sync {

class Checksum {
 public:
  Checksum();
  ~Checksum();
  // A copy goes on from where the original is.
  Checksum(const Checksum& other);
  Checksum& operator=(const Checksum& other);

  void add(std::string_view bytes);
  // Of all that was added so far, in 64 hexadecimal digits; more may follow.
  [[nodiscard]] std::string hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace kinto_mirror::sync
