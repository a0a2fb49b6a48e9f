// What is sent, how an answer is read, and what is said of one that does not come whole.

#include "http/beast_transport.hpp"
#include "http/test_server.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// Asks a server with `script` once, and returns what came of it.
Result<Response> ask(TestServer::Script script, TransportConfig config = {},
                     const Request& request = Request("GET", "/v1/x?_token=t0ken")) {
  asio::io_context context;
  TestServer server(context, std::move(script));
  const auto transport = make_transport(context.get_executor(), server.origin(), std::move(config));
  Result<Response> answer = Error(Errc::internal, "not asked");
  run_bounded(context, [&]() -> Task<void> { answer = co_await transport->exchange(request); });
  return answer;
}

// A script that reads one request, sends `bytes`, and closes.
TestServer::Script say(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] const std::string request = co_await peer.read_request();
    std::string copy = bytes;
    co_await peer.send(std::move(copy));
    peer.close();
  };
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a request goes out as given, with the transport's own headers") {
  std::string seen;
  const auto script = [&seen](Peer& peer, int) -> Task<void> {
    seen = co_await peer.read_request();
    std::string bytes = answer("{}");
    co_await peer.send(std::move(bytes));
  };
  TransportConfig config;
  config.user_agent = "kinto-mirror/1.2.3";
  std::vector<std::string> traced;
  config.trace = [&](std::string_view method, std::string_view target, int status, Millis took) {
    CHECK(took < std::chrono::seconds(5));
    traced.push_back(std::string(method) + " " + std::string(target) + " " +
                     std::to_string(status));
  };
  const Headers headers = {{"Authorization", "Bearer x"},
                           {"host", "evil"},
                           {"If-Match", "\"1\""},
                           {"connection", "close"}};
  const auto got = ask(script, config, Request("PUT", "/v1/a?b=c", headers, "{\"data\":{}}"));
  REQUIRE(got.has_value());
  CHECK(got->status == 200);
  CHECK(got->body == "{}");
  CHECK(find_header(got->headers, "content-type") == "application/json");
  CHECK(seen.starts_with("PUT /v1/a?b=c HTTP/1.1\r\n"));
  CHECK(seen.ends_with("\r\n\r\n{\"data\":{}}"));
  CHECK(contains(seen, "\r\nHost: 127.0.0.1:"));
  CHECK(!contains(seen, "evil"));
  CHECK(!contains(seen, "close"));
  CHECK(contains(seen, "\r\nAuthorization: Bearer x\r\n"));
  CHECK(contains(seen, "\r\nIf-Match: \"1\"\r\n"));
  CHECK(contains(seen, "\r\nContent-Length: 11\r\n"));
  CHECK(contains(seen, "\r\nUser-Agent: kinto-mirror/1.2.3\r\n"));
  CHECK(traced == std::vector<std::string>{"PUT /v1/a?b=c 200"});
}

TEST_CASE("whole answers") {
  struct Row {
    std::string method, bytes;
    int status;
    std::string body;
  };
  const std::vector<Row> rows = {
      {"GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"GET", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\n", 304, ""},
      {"GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", 404, "{}"},
      {"GET", "HTTP/1.1 307 T\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n", 307, ""},
      {"GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200,
       "abcde"},
      {"GET", "HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"},
      {"GET",
       "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
       200, "z"},
      {"HEAD", "HTTP/1.1 200 OK\r\nTotal-Records: 7\r\nContent-Length: 999999999\r\n\r\n", 200, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const auto got = ask(say(row.bytes), {}, Request(row.method, "/v1/"));
    REQUIRE_MESSAGE(got.has_value(), got.error().message);
    CHECK(got->status == row.status);
    CHECK(got->body == row.body);
  }
}

TEST_CASE("what follows a body in chunks is no header") {
  const auto got = ask(say("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "2\r\n{}\r\n0\r\nETag: \"2\"\r\nNext-Page: http://evil/\r\n\r\n"),
                       {}, Request("GET", "/v1/"));
  REQUIRE_MESSAGE(got.has_value(), got.error().message);
  CHECK(got->body == "{}");
  CHECK(find_header(got->headers, "ETag") == "\"1\"");
  CHECK_FALSE(find_header(got->headers, "Next-Page"));
}

TEST_CASE("answers that are cut, too large, or no HTTP") {
  TransportConfig config;
  config.body_limit = 1000;
  config.header_limit = 1000;
  const std::string big(1001, 'x');
  struct Row {
    std::string bytes;
    Errc code;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"", Errc::unreachable, "without an answer"},
      {"HTTP/1.1 200 OK\r\nConte", Errc::unreachable, "cut in the middle"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\"", Errc::unreachable,
       "cut in the middle"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", Errc::unreachable,
       "cut in the middle"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", Errc::unreachable,
       "cut in the middle"},
      {answer(big), Errc::too_large, "body exceeds the limit of 1000 bytes"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + big + "\r\n0\r\n\r\n",
       Errc::too_large, "body exceeds"},
      {"HTTP/1.0 200 OK\r\n\r\n" + big, Errc::too_large, "body exceeds"},
      {"HTTP/1.1 200 OK\r\nX: " + big + "\r\n\r\n", Errc::too_large, "header exceeds the limit"},
      {"\x15\x03\x01 what is this?\r\n\r\n", Errc::not_kinto, "no HTTP"},
      {"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n", Errc::not_kinto, "no HTTP"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const auto got = ask(say(row.bytes), config);
    REQUIRE(!got.has_value());
    CAPTURE(got.error().message);
    CHECK(got.error().code == row.code);
    CHECK(got.error().message.starts_with("GET http://127.0.0.1:"));
    CHECK(contains(got.error().message, "/v1/x: "));
    CHECK(contains(got.error().message, row.message));
    CHECK(!contains(got.error().message, "t0ken"));
  }
}

TEST_CASE("a body of exactly the limit is whole") {
  TransportConfig config;
  config.body_limit = 1000;
  const auto got = ask(say(answer(std::string(1000, 'x'))), config);
  REQUIRE(got.has_value());
  CHECK(got->body.size() == 1000);
}

TEST_CASE("a refusal sent before the request was read is still heard") {
  const auto script = [](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] const std::string header = co_await peer.read_header();
    std::string bytes =
        "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    co_await peer.send(std::move(bytes));
    co_await peer.pause(milliseconds(50));
    peer.close();  // with most of the body unread, so the client's writing fails
  };
  const auto got =
      ask(script, {}, Request("POST", "/v1/batch", {}, std::string(std::size_t{32} << 20, 'x')));
  REQUIRE_MESSAGE(got.has_value(), got.error().message);
  CHECK(got->status == 413);
}

TEST_CASE("malformed requests do not leave the house") {
  const std::vector<Request> requests = {
      Request("GET", ""),
      Request("GET", "v1/"),
      Request("GET", "/v1/a b"),
      Request("GET", "/v1/a\n"),
      Request("GET", "/v1/\xc3\xa9"),
      Request("G T", "/v1/"),
      Request("GET", "/v1/", {{"If-Match", "\"1\"\r\nX: y"}}),
      Request("GET", "/v1/", {{"If Match", "x"}}),
  };
  for (const Request& request : requests) {
    const auto got = ask(say(answer("{}")), {}, request);
    REQUIRE(!got.has_value());
    CHECK(got.error().code == Errc::internal);
  }
}

}  // namespace
}  // namespace kinto_mirror::http
