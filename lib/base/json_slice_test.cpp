#include "base/json_slice.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace json = kinto_mirror::json;

TEST_CASE("a value is cut to the byte, white space left out") {
  for (const std::string text :
       {"1e22", "-0.0", "1.10", "949.3012028926441", "123456789012345678901234567890", "true",
        "null", "\"a\\\"b\\\\\"", "{}", "[]", R"({"a":[1,{"b":"}"}],"c":"]"})"}) {
    CAPTURE(text);
    CHECK(json::whole_value(" \n" + text + "\t ") == text);
  }
}

TEST_CASE("what is no well-formed value is refused") {
  for (const std::string text :
       {"",           " ",   "{",          "[1",    "[1,]",     "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{,}", "[,1]",       "\"abc", "\"a\nb\"", "{]",      "[}",
        "1 2",        "nul", "{\"a\":1}}", "{a:1}", ",",        "]",       "\"a\\"}) {
    CAPTURE(text);
    CHECK_FALSE(json::whole_value(text));
  }
}

TEST_CASE("numbers are those of RFC 8259") {
  for (const std::string text :
       {"0", "-0", "7", "-10", "0.50", "-0.0e0", "1E+22", "1e-7", "10e00"}) {
    CAPTURE(text);
    CHECK(json::whole_value(text) == text);
    CHECK(json::whole_value("[" + text + " ]") == "[" + text + " ]");
  }
  for (const std::string text :
       {"00", "01", "-01", "-", "--1", "+1", ".5", "1.", "1.e5", "1e", "1e+", "1e5.5", "1.5.5",
        "0x1", "1x", "truex", "-Infinity", "NaN"}) {
    CAPTURE(text);
    CHECK_FALSE(json::whole_value(text));
    CHECK_FALSE(json::whole_value("[" + text + " ]"));
    CHECK_FALSE(json::whole_value("{\"a\":" + text + "}"));
  }
}

TEST_CASE("escapes are those of RFC 8259") {
  for (const std::string text :
       {R"("\"\\\/\b\f\n\r\t")", R"("\u00e9\uD83D\uDE00")", R"("\ud83d")"}) {
    CAPTURE(text);
    CHECK(json::whole_value(text) == text);
  }
  for (const std::string text : {R"("\x41")", R"("\u12")", R"("\u123g")", R"("\U0041")", R"("\'")",
                                 R"("\ ")", "\"\\\n\"", "\"\\\xC3\xA9\"", R"("\)", R"("\u004)"}) {
    CAPTURE(text);
    CHECK_FALSE(json::whole_value(text));
    CHECK_FALSE(json::whole_value("{" + text + ":1}"));
  }
}

TEST_CASE("text is UTF-8, wherever it stands in a word of eight bytes") {
  for (std::size_t before = 0; before < 18; ++before) {
    CAPTURE(before);
    const auto holding = [&](const std::string& part) {
      return "\"" + std::string(before, 'x') + part + "y\"";
    };
    for (const std::string good :
         {"\xC2\x80", "\xC3\xA9", "\xDF\xBF", "\xE0\xA0\x80", "\xE2\x82\xAC", "\xED\x9F\xBF",
          "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
          "\xC3\xA9\xF0\x9F\x98\x80"}) {
      CHECK(json::whole_value(holding(good)) == holding(good));
    }
    for (const std::string bad :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3x", "\xC3\xC3", "\xE0\x9F\xBF",
          "\xE2\x82", "\xE2\x82x", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
          "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3\xA9\xA9"}) {
      CAPTURE(bad);
      CHECK_FALSE(json::whole_value(holding(bad)));
      CHECK_FALSE(json::whole_value("{" + holding(bad) + ":1}"));
    }
  }
}

TEST_CASE("depth is bounded and needs no stack") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(json::whole_value(nested(10'000)));
  CHECK_FALSE(json::whole_value(nested(10'001)));
}

TEST_CASE("members are read in order, each as its own bytes") {
  json::ObjectReader reader(R"( { "a" : 1.0 , "b":[1, 2],"c":{"d":null} } )");
  std::vector<std::string> seen;
  for (json::Member member; reader.next(member);) {
    seen.push_back(std::string(member.key) + "=" + std::string(member.value));
  }
  CHECK(reader.ok());
  CHECK(seen == std::vector<std::string>{"a=1.0", "b=[1, 2]", R"(c={"d":null})"});
}

TEST_CASE("a broken object or array is known at its end") {
  for (const std::string text :
       {"{\"a\":1", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "[1]", "", "{1:2}"}) {
    CAPTURE(text);
    json::ObjectReader reader(text);
    json::Member member;
    while (reader.next(member)) {
    }
    CHECK_FALSE(reader.ok());
  }
  for (const std::string text : {"[1", "[1 2]", "{}", "", "[1,,2]"}) {
    CAPTURE(text);
    json::ArrayReader reader(text);
    std::string_view element;
    while (reader.next(element)) {
    }
    CHECK_FALSE(reader.ok());
  }
}

TEST_CASE("integers are exact or nothing") {
  CHECK(json::to_int("1795492095931") == 1795492095931);
  CHECK(json::to_int("-5") == -5);
  for (const std::string text : {"1.0", "1e3", "\"1\"", "true", "", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(json::to_int(text));
  }
}

TEST_CASE("what an int does not hold is no small integer") {
  CHECK(json::to_small_int("404") == 404);
  CHECK(json::to_small_int("-5") == -5);
  for (const std::string text :
       {"4294967496", "-4294967096", "2147483648", "200.0", "\"200\"", ""}) {
    CAPTURE(text);
    CHECK(json::to_small_int(text) == 0);
  }
}

TEST_CASE("a name is known in other letters") {
  CHECK(json::is_other_spelling(R"(\u0069d)", "id"));
  CHECK(json::is_other_spelling(R"(i\u0064)", "id"));
  CHECK(json::is_other_spelling(R"(\/)", "/"));
  CHECK_FALSE(json::is_other_spelling("id", "id"));
  CHECK_FALSE(json::is_other_spelling(R"(\u0069\u0069)", "id"));
}

TEST_CASE("strings are unescaped and quoted back") {
  CHECK(json::to_string(R"("a\n\u00e9\ud83d\ude00\/")") == "a\n\xC3\xA9\xF0\x9F\x98\x80/");
  CHECK(json::to_string(R"("\u20ac\ud83d")") == "\xE2\x82\xAC\xED\xA0\xBD");  // half of a pair
  CHECK_FALSE(json::to_string("12"));
  CHECK_FALSE(json::to_string(R"("\u12")"));
  CHECK(json::quoted("a\n\"\\") == R"("a\u000a\"\\")");
  CHECK(json::quoted("\xE2\x82\xAC\xED\xA0\xBD\xED\x95\x9C\xED\xBF\xBFx") ==
        "\"\xE2\x82\xAC\\ud83d\xED\x95\x9C\\udfffx\"");
  CHECK(json::quoted("\xED\xFF\x80\xED\xA0x") == "\"\xED\xFF\x80\xED\xA0x\"");
  CHECK(json::quoted("\xED") == "\"\xED\"");
  CHECK(json::to_string(json::quoted("x\t\"y\"\\z\x01")) == "x\t\"y\"\\z\x01");
}

TEST_CASE("one member is found by its name") {
  CHECK(json::member(R"({"x":{"data":1},"data":[2]})", "data") == "[2]");
  CHECK_FALSE(json::member(R"({"x":1})", "data"));
}

namespace {

// What stands behind "list", each element read where it stands; nothing where `text` is malformed.
std::optional<std::vector<std::string>> list_in(const std::string& text) {
  std::vector<std::string> seen;
  json::Cursor cursor(text);
  json::ObjectReader outer(cursor);
  for (std::string_view key; outer.next_key(key);) {
    if (key != "list") {
      cursor.value();
      continue;
    }
    json::ArrayReader list(cursor);
    while (list.next_element()) {
      std::string names;
      const std::size_t begin = cursor.place();
      json::each_member(cursor, [&](std::string_view name) {
        names += std::string(name) + ";";
        cursor.value();
      });
      seen.push_back(names + std::string(cursor.since(begin)));
    }
  }
  if (!outer.ok() || !cursor.ended()) return std::nullopt;
  return seen;
}

}  // namespace

TEST_CASE("nested values are read where they stand, in one pass") {
  const std::string text =
      R"( {"x":[{}], "list" : [ {"a":{"b":1}, "c":2} , 7,{} ] ,"y":{"list":[1]}} )";
  CHECK(list_in(text) == std::vector<std::string>{R"(a;c;{"a":{"b":1}, "c":2})", "7", "{}"});
  CHECK(list_in(R"({"list":[]})") == std::vector<std::string>{});
}

TEST_CASE("whatever is malformed at any depth spoils the pass") {
  const std::string whole = R"({"list":[{"a":[1,"x"]},{"b":{}}],"y":true})";
  REQUIRE(list_in(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(list_in(whole.substr(0, size)));
  }
  for (const std::string text :
       {R"({"list":[{"a":1},]})", R"({"list":[{"a":1,}]})", R"({"list":[{"a"}]})",
        R"({"list":[{"a":1} {"b":2}]})", R"({"list":[{"a":1]})", R"({"list":[}})",
        R"({"list":{"a":1}})", R"({"list":[{"a":1}]}})", R"({"list":[{"a":1}]} 1)",
        R"({"list":[{"a":1}],})", R"({"list":[{"a":nul}]})", R"([{"list":[]}])", ""}) {
    CAPTURE(text);
    CHECK_FALSE(list_in(text));
  }
}

TEST_CASE("a cursor that is broken reads nothing more") {
  json::Cursor cursor("} 1 2");
  CHECK(cursor.peek() == '}');
  CHECK(cursor.value().empty());
  CHECK(cursor.value().empty());
  CHECK_FALSE(cursor.ended());
}

TEST_CASE("a string ends at its quote, wherever that and its escapes stand") {
  for (std::size_t length = 0; length < 20; ++length) {
    const std::string plain(length, '~');
    CAPTURE(length);
    CHECK(json::whole_value("\"" + plain + "\"") == "\"" + plain + "\"");
    for (std::size_t at = 0; at < length; ++at) {
      CAPTURE(at);
      const auto with = [&](const std::string& part) {
        return "\"" + std::string(plain).replace(at, 1, part) + "\"";
      };
      for (const std::string good : {" ", "!", "#", "[", "]", "\\\"", "\\\\", "\\n", "\x7f"}) {
        CHECK(json::whole_value(with(good)) == with(good));
      }
      for (const std::string bad : {"\"", "\x1f", "\x01", "\n", ""}) {
        CHECK_FALSE(json::whole_value(with(bad.empty() ? std::string(1, '\0') : bad)));
      }
    }
  }
}
