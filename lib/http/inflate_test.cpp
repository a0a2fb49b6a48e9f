// Bodies that were compressed, and what is said of those that cannot be read.

#include "http/inflate.hpp"

#include "http/beast_transport.hpp"
#include "http/test_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>
#include <zlib.h>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;

constexpr int gzip = MAX_WBITS + 16;
constexpr int zlib = MAX_WBITS;
constexpr int raw = -MAX_WBITS;

std::string packed(const std::string& text, int bits) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string copy = text;
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string records(int count) {
  std::string text = "{\"data\":[";
  for (int i = 0; i < count; ++i) text += "{\"id\":\"r" + std::to_string(i * 7919) + "\"},";
  return text + "]}";
}

// Of the whole, `piece` bytes at a time; empty where it cannot be read.
std::string inflated(Coding coding, const std::string& body, std::size_t piece) {
  Inflater inflater(coding);
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const auto outcome =
        inflater.add(std::string_view(body).substr(at, piece), out, std::size_t{1} << 30);
    if (outcome != Inflater::Outcome::good) return {};
  }
  return inflater.complete() ? out : std::string();
}

Result<Response> get_body(const std::string& header, const std::string& body,
                          std::size_t limit = 100'000, std::string method = "GET") {
  asio::io_context context;
  const std::string bytes =
      header + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  TestServer server(context, [bytes](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] const std::string request = co_await peer.read_request();
    std::string copy = bytes;
    co_await peer.send(std::move(copy));
    peer.close();
  });
  TransportConfig config;
  config.body_limit = limit;
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  Result<Response> answer = Error(Errc::internal, "not asked");
  const Request request(std::move(method), "/v1/");
  run_bounded(context, [&]() -> Task<void> { answer = co_await transport->exchange(request); });
  return answer;
}

std::string ok(const std::string& coding) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\n";
}

TEST_CASE("the names of headers have small or large letters") {
  CHECK(same_name("ETag", "etag"));
  CHECK(same_name("", ""));
  CHECK_FALSE(same_name("ETag", "ETa"));
  CHECK_FALSE(same_name("ETag", "ETags"));
  CHECK_FALSE(same_name("x@y", "x`y"));  // these differ by the same bit as letters do
  CHECK_FALSE(same_name("\xC3\x89", "\xC3\xA9"));
}

TEST_CASE("the names of codings") {
  // Nothing stands behind it, which the sanitizer sees.
  const std::vector<char> bare{'x', '-', 'g', 'z', 'I', 'p'};
  CHECK(coding_of(std::string_view(bare.data(), bare.size())) == Coding::gzip);
  CHECK(coding_of("") == Coding::none);
  CHECK(coding_of(" identity ") == Coding::none);
  CHECK(coding_of("gzip") == Coding::gzip);
  CHECK(coding_of("X-GZip") == Coding::gzip);
  CHECK(coding_of("Deflate") == Coding::deflate);
  for (const char* other : {"br", "zstd", "gzip, br", "gzip, gzip", "gzipped"}) {
    CHECK(coding_of(other) == Coding::other);
  }
}

TEST_CASE("a body is the same in whatever pieces it comes") {
  for (const int count : {0, 1, 50, 20'000}) {
    const std::string text = records(count);
    for (const std::size_t piece : {1U, 7U, 4096U, 1U << 20}) {
      if (count > 50 && piece < 7) continue;
      CAPTURE(count);
      CAPTURE(piece);
      CHECK(inflated(Coding::gzip, packed(text, gzip), piece) == text);
      CHECK(inflated(Coding::deflate, packed(text, zlib), piece) == text);
      CHECK(inflated(Coding::deflate, packed(text, raw), piece) == text);
      CHECK(inflated(Coding::gzip, packed(text, gzip) + packed("more", gzip), piece) ==
            text + "more");
    }
  }
}

TEST_CASE("what is cut, spoilt or another coding is not taken for a body") {
  const std::string text = records(2000);
  for (const std::size_t piece : {1U, 1U << 20}) {
    for (const auto& [coding, bits] : std::vector<std::pair<Coding, int>>{
             {Coding::gzip, gzip}, {Coding::deflate, zlib}, {Coding::deflate, raw}}) {
      const std::string good = packed(text, bits);
      CHECK(inflated(coding, good.substr(0, good.size() - 1), piece).empty());
      CHECK(inflated(coding, good.substr(0, good.size() / 2), piece).empty());
    }
    std::string spoilt = packed(text, gzip);
    spoilt[spoilt.size() - 6] ^= 1;  // the checksum
    CHECK(inflated(Coding::gzip, spoilt, piece).empty());
    CHECK(inflated(Coding::gzip, text, piece).empty());
    CHECK(inflated(Coding::gzip, packed(text, zlib), piece).empty());
    CHECK(inflated(Coding::deflate, packed(text, zlib) + "x", piece).empty());
  }
}

TEST_CASE("what a small body holds is bounded") {
  const std::string bomb = packed(std::string(std::size_t{50} << 20, ' '), gzip);
  CHECK(bomb.size() < 60'000);
  Inflater inflater(Coding::gzip);
  std::string out;
  CHECK(inflater.add(bomb, out, 1'000'000) == Inflater::Outcome::too_large);
  CHECK(out.capacity() < 2'000'000);
  const std::string exact(1000, 'x');
  CHECK(get_body(ok("gzip"), packed(exact, gzip), 1000)->body == exact);
  const auto over = get_body(ok("gzip"), packed(exact + "x", gzip), 1000);
  REQUIRE(over.has_error());
  CHECK(over.error().code == Errc::too_large);
  CHECK(over.error().message.find("1000 bytes") != std::string::npos);
}

TEST_CASE("a compressed answer is read whether it was asked for or not") {
  const std::string text = records(900);
  CHECK(get_body(ok("gzip"), packed(text, gzip))->body == text);
  CHECK(get_body(ok("x-gzip"), packed(text, gzip))->body == text);
  CHECK(get_body(ok("deflate"), packed(text, zlib))->body == text);
  CHECK(get_body(ok("deflate"), packed(text, raw))->body == text);
  CHECK(get_body(ok("identity"), text)->body == text);
  CHECK(get_body(ok("gzip"), "")->body.empty());
  CHECK(get_body("HTTP/1.1 404 No\r\nContent-Encoding: gzip\r\n", packed("{}", gzip))->body ==
        "{}");
  // No body comes with it, whatever its header says.
  CHECK(get_body(ok("br"), "", 1000, "HEAD").has_value());
}

TEST_CASE("zeros may stand behind a gzip member, and another member behind them") {
  const std::string text = records(9);
  const std::string zeros(5, '\0');
  for (const std::size_t piece : {1U, 7U, 100'000U}) {
    CAPTURE(piece);
    CHECK(inflated(Coding::gzip, packed(text, gzip) + zeros, piece) == text);
    CHECK(inflated(Coding::gzip, packed(text, gzip) + zeros + packed("]", gzip), piece) ==
          text + "]");
    CHECK(inflated(Coding::deflate, packed(text, zlib) + zeros, piece).empty());
  }
}

TEST_CASE("what cannot be read is named") {
  const std::string text = records(9);
  struct Row {
    std::string coding, body, said;
  };
  for (const Row& row : {Row{"br", text, "not understood"}, Row{"gzip, br", text, "not understood"},
                         Row{"gzip", text, "not what the body is"},
                         Row{"gzip", packed(text, gzip).substr(0, 40), "ends too early"}}) {
    CAPTURE(row.coding);
    const auto got = get_body(ok(row.coding), row.body);
    REQUIRE(got.has_error());
    const bool cut = row.said == "ends too early";  // like a connection that was cut
    CHECK(got.error().code == (cut ? Errc::unreachable : Errc::not_kinto));
    CHECK(got.error().message.find("\"Content-Encoding: " + row.coding + "\", which ") !=
          std::string::npos);
    CHECK(got.error().message.find(row.said) != std::string::npos);
  }
  // A failure is told by its status.
  const auto failed = get_body("HTTP/1.1 503 No\r\nContent-Encoding: br\r\n", "xyz");
  REQUIRE(failed.has_value());
  CHECK(failed->status == 503);
  CHECK(failed->body.empty());
}

}  // namespace
}  // namespace kinto_mirror::http
