#include "sync/dump/checksum.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

namespace kinto_mirror::sync {

namespace {

// The library fails only where there is no memory left.
void demand(bool done) {
  if (!done) throw std::bad_alloc();
}

}  // namespace

void Checksum::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Checksum::Checksum() : context_(EVP_MD_CTX_new()) {
  demand(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

Checksum::~Checksum() = default;

Checksum::Checksum(const Checksum& other) : context_(EVP_MD_CTX_new()) {
  demand(context_ != nullptr && EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
}

Checksum& Checksum::operator=(const Checksum& other) {
  if (this != &other) demand(EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
  return *this;
}

void Checksum::add(std::string_view bytes) {
  demand(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Checksum::hex() const {
  const Checksum copy = *this;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  demand(EVP_DigestFinal_ex(copy.context_.get(), digest.data(), &size) == 1);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 15U];
  }
  return out;
}

}  // namespace kinto_mirror::sync
