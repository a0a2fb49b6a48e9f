#include "selftest/random.hpp"

#include "base/json_slice.hpp"

#include <array>

namespace kinto_mirror::selftest {

namespace {

constexpr std::array<std::string_view, 16> words{
    "amber",  "basalt", "cobalt", "delta",  "ember",  "fjord",  "granite", "harbour",
    "indigo", "jasper", "kelp",   "lagoon", "marble", "nectar", "onyx",    "pebble"};

// Kinds of text that an encoder may get wrong.
constexpr std::array<std::string_view, 6> texts{"",
                                                "h\u00e9llo w\u00f6rld",
                                                "\u65e5\u672c\u8a9e",
                                                "\U0001F600 \u2713",
                                                "quote \" slash / back \\ line\n tab\t",
                                                "\u00a0\u200bspaces  "};

// Each survives Kinto's own parser and both of its backends as it is written here.
constexpr std::array<std::string_view, 8> numbers{
    "0", "-1", "9007199254740993", "-9223372036854775808", "0.5", "-1.25", "1.0", "123456.789"};

// seed_seq is specified to the bit, which std::hash is not.
std::mt19937_64 seeded(std::uint64_t seed, std::string_view scenario) {
  std::vector<std::uint32_t> parts;
  parts.push_back(static_cast<std::uint32_t>(seed));
  parts.push_back(static_cast<std::uint32_t>(seed >> 32));
  for (const char c : scenario) parts.push_back(static_cast<unsigned char>(c));
  std::seed_seq sequence(parts.begin(), parts.end());
  return std::mt19937_64(sequence);
}

std::string hex(std::uint64_t value, int digits) {
  std::string out;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[(value >> shift) & 15];
  }
  return out;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view scenario) : engine_(seeded(seed, scenario)) {}

std::string Random::id() {
  const std::uint64_t high = next();
  const std::uint64_t low = next();
  return hex(high >> 32, 8) + "-" + hex(high >> 16, 4) + "-" + hex(high, 4) + "-" +
         hex(low >> 48, 4) + "-" + hex(low, 12);
}

std::string Random::title() {
  std::string out(words[below(words.size())]);
  out += " " + std::string(words[below(words.size())]);
  return out + " " + std::to_string(below(1'000'000));
}

Record Random::record() {
  Record record;
  record.id = id();
  record.body = "{\"internal_id\":" + std::to_string(below(1'000'000'000));
  record.body += ",\"title\":" + json::quoted(title()) + "}";
  return record;
}

std::vector<Record> Random::records(std::int64_t count) {
  std::vector<Record> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(record());
  return out;
}

Record Random::rich_record() {
  // One draw a statement: the order inside an expression is the compiler's choice.
  const auto text = [this] { return json::quoted(texts[below(texts.size())]); };
  const auto number = [this] { return std::string(numbers[below(numbers.size())]); };
  Record rich = record();
  std::string& body = rich.body;
  body.pop_back();
  body += ",\"text\":" + text();
  body += ",\"number\":" + number();
  body += R"(,"flags":[true,false,null],"list":[[],{},)" + text();
  body += "," + number();
  body += R"(],"nested":{"z":{"a":[)" + number();
  body += R"(,{"":)" + text();
  body += R"(}]},"A":)" + text();
  body += R"(,"b c":{}}})";
  return rich;
}

std::uint64_t random_seed() {
  // Short enough to be typed again.
  return std::random_device{}() % 1'000'000'000U;
}

std::string unique_suffix() {
  std::random_device device;
  return hex(device(), 8) + hex(device(), 8);
}

}  // namespace kinto_mirror::selftest
