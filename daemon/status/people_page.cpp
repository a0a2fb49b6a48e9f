#include "daemon/status/people_page.hpp"

#include <openssl/evp.h>

#include <array>

namespace kinto_mirror::daemon {

namespace {

// 'sha256-...', as a policy names what stands between the tags.
std::string hash_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return "'sha256-" + std::string(encoded.begin(), encoded.begin() + length) + "'";
}

std::string policy_of(const PageParts& parts) {
  return "default-src 'none'; script-src " + hash_of(parts.script) + "; style-src " +
         hash_of(parts.style) +
         "; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'";
}

void put(std::string& html, std::string_view mark, std::string_view tag, std::string_view text) {
  const std::size_t at = html.find(mark);
  if (at == std::string::npos) return;
  const std::string name(tag);
  html.replace(at, mark.size(), "<" + name + ">" + std::string(text) + "</" + name + ">");
}

}  // namespace

Page people_page(const PageParts& parts) {
  std::string html(parts.html);
  put(html, "<!--style-->", "style", parts.style);
  put(html, "<!--script-->", "script", parts.script);
  Page page(200, "text/html; charset=utf-8", std::move(html));
  page.headers.push_back("Content-Security-Policy: " + policy_of(parts));
  page.headers.emplace_back("Referrer-Policy: no-referrer");
  return page;
}

}  // namespace kinto_mirror::daemon
