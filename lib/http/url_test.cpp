#include "http/url.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::http {

TEST_CASE("a server's URL is split and made canonical") {
  struct Row {
    std::string text, canonical, host, port, path, userinfo;
    bool tls;
  };
  const std::vector<Row> rows = {
      {"http://h", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h/", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h/v1", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h/v1/", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h/v1///", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h:8888/v1", "http://h:8888/v1", "h", "8888", "/v1", "", false},
      {"http://h:80/v1", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h:/v1", "http://h/v1", "h", "80", "/v1", "", false},
      {"http://h:00080/v1", "http://h/v1", "h", "80", "/v1", "", false},
      {"https://h", "https://h/v1", "h", "443", "/v1", "", true},
      {"https://h:80", "https://h:80/v1", "h", "80", "/v1", "", true},
      {"HTTPS://Kinto.Example.ORG/V1", "https://kinto.example.org/V1/v1", "kinto.example.org",
       "443", "/V1/v1", "", true},
      {"http://h/prefix", "http://h/prefix/v1", "h", "80", "/prefix/v1", "", false},
      {"http://h/prefix/v1/", "http://h/prefix/v1", "h", "80", "/prefix/v1", "", false},
      {"http://h/a/v", "http://h/a/v/v1", "h", "80", "/a/v/v1", "", false},
      {"http://h/v1x", "http://h/v1x/v1", "h", "80", "/v1x/v1", "", false},
      {"http://h/v12", "http://h/v12", "h", "80", "/v12", "", false},
      {"http://h/a%20b/v1", "http://h/a%20b/v1", "h", "80", "/a%20b/v1", "", false},
      {"http://u:p@h/v1", "http://h/v1", "h", "80", "/v1", "u:p", false},
      {"http://u:p%40%2f%3a@h", "http://h/v1", "h", "80", "/v1", "u:p@/:", false},
      {"http://u@h", "http://h/v1", "h", "80", "/v1", "u", false},
      {"http://127.0.0.1:1", "http://127.0.0.1:1/v1", "127.0.0.1", "1", "/v1", "", false},
      {"https://[::1]:8443/v1", "https://[::1]:8443/v1", "::1", "8443", "/v1", "", true},
      {"http://[2001:DB8::1]", "http://[2001:db8::1]/v1", "2001:db8::1", "80", "/v1", "", false},
      {"http://kinto_master:8888", "http://kinto_master:8888/v1", "kinto_master", "8888", "/v1", "",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto url = parse_server_url(row.text);
    REQUIRE(url.has_value());
    CHECK(url->str() == row.canonical);
    CHECK(url->origin.tls == row.tls);
    CHECK(url->origin.host == row.host);
    CHECK(url->origin.port == row.port);
    CHECK(url->base_path == row.path);
    CHECK(url->userinfo == row.userinfo);
    const auto again = parse_server_url(url->str());
    REQUIRE(again.has_value());
    CHECK(again->str() == url->str());
  }
}

TEST_CASE("what is no server's URL is refused, without repeating its password") {
  const std::vector<std::string> rows = {
      "",
      " ",
      "h",
      "h:8888",
      "localhost:8888/v1",
      "/v1",
      "//h/v1",
      "http:",
      "http://",
      "http:///v1",
      "http://:80",
      "http://h:0",
      "http://h:65536",
      "http://h:99999",
      "http://h:8x/v1",
      "http://h:x",
      "http://h:-1",
      "http://h/v1?a=1",
      "http://h/v1?",
      "http://h/v1#",
      "http://h/v1#f",
      " http://h",
      "http://h ",
      "http://h\n",
      "http://h/a b",
      "http://h%0a",
      "http://h%2fx",
      "http://h/%",
      "http://[::1",
      "http://caf\xc3\xa9",
      "ftp://user:s3cret@h",
      "s3cret",
      "user:s3cret@h",
      "http://user:s3cret@",
      "http://u:s3cret#x@h",
      "http://u:12/s3cret@h",
      "http://u:s3cret/x@h",
      "http://u:s3cret?x@h",
      "http://u:12?s3cret@h",
      "http://u:s3cret@h@h",
      "http://u:s3cret@h:99999",
      "http://u:s3cret@h/v1?q",
      "http+unix://s3cret",
  };
  for (const std::string& text : rows) {
    CAPTURE(text);
    const auto url = parse_server_url(text);
    REQUIRE(!url.has_value());
    CHECK(url.error().code == Errc::config);
    CHECK(url.error().message.find("expected http://") != std::string::npos);
    CHECK(url.error().message.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("percent_encode keeps the unreserved characters alone") {
  CHECK(percent_encode("") == "");
  CHECK(percent_encode("azAZ09-._~") == "azAZ09-._~");
  CHECK(percent_encode("a\n") == "a%0A");
  CHECK(percent_encode("\"1234\"") == "%221234%22");
  CHECK(percent_encode("/?#[]@!$&'()*+,;=:% ") ==
        "%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%25%20");
  CHECK(percent_encode("\xc3\xa9") == "%C3%A9");
  CHECK(percent_encode(std::string_view("\0", 1)) == "%00");
}

TEST_CASE("an address on the web keeps its path and query as they are") {
  struct Case {
    std::string text;
    std::string origin;
    std::string target;
  };
  for (const Case& c :
       {Case{"https://Hooks.example.org", "https://hooks.example.org", "/"},
        Case{"http://h:8080/a/b?x=1&y=%20", "http://h:8080", "/a/b?x=1&y=%20"},
        Case{"https://[::1]/v1", "https://[::1]", "/v1"}, Case{"http://h?x", "http://h", "/?x"}}) {
    CAPTURE(c.text);
    const auto url = parse_web_url(c.text);
    REQUIRE(url.has_value());
    CHECK(url->origin.str() == c.origin);
    CHECK(url->target == c.target);
  }
}

TEST_CASE("what is no address on the web is refused, and nothing of it repeated") {
  for (const std::string_view text :
       {"", "s3cret", "ftp://h/s3cret", "http:///s3cret", "http://u:s3cret@h/",
        "http://h:99999/s3cret", "http://h/#s3cret", "http://h/s3cret x"}) {
    CAPTURE(text);
    const auto url = parse_web_url(text);
    REQUIRE(url.has_error());
    CHECK(url.error().code == Errc::config);
    CHECK(url.error().message.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("an origin leaves its default port out and brackets IPv6") {
  CHECK(Origin{false, "h", "80"}.str() == "http://h");
  CHECK(Origin{false, "h", "443"}.str() == "http://h:443");
  CHECK(Origin{true, "h", "443"}.str() == "https://h");
  CHECK(Origin{true, "::1", "80"}.str() == "https://[::1]:80");
}

TEST_CASE("find_header ignores case and takes the first") {
  const Headers headers = {{"ETag", "\"1\""}, {"etag", "\"2\""}, {"Empty", ""}};
  CHECK(find_header(headers, "eTAG") == "\"1\"");
  CHECK(find_header(headers, "empty") == "");
  CHECK(find_header(headers, "ETa") == std::nullopt);
}

}  // namespace kinto_mirror::http
