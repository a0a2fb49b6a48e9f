#include "sync/dump/yaml_scalar.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace kinto_mirror::sync::dump {

namespace {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, text) != names.end();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits at the front of `rest`.
std::string_view take_digits(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, is_digit);
  const auto size = static_cast<std::size_t>(end - rest.begin());
  const std::string_view digits = rest.substr(0, size);
  rest.remove_prefix(size);
  return digits;
}

bool take_sign(std::string_view& rest, std::string& out) {
  const bool signed_one = rest.starts_with('-') || rest.starts_with('+');
  if (!signed_one) return false;
  out += rest.front();
  rest.remove_prefix(1);
  return true;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? as JSON spells it.
std::optional<std::string> decimal(std::string_view rest) {
  std::string out;
  if (take_sign(rest, out) && out == "+") out.clear();
  std::string_view whole = take_digits(rest);
  std::string_view fraction;
  const bool pointed = rest.starts_with('.');
  if (pointed) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  out += whole.empty() ? "0" : whole;
  if (pointed) out.append(".").append(fraction.empty() ? "0" : fraction);
  if (rest.starts_with('e') || rest.starts_with('E')) {
    out += 'e';
    rest.remove_prefix(1);
    take_sign(rest, out);
    const std::string_view power = take_digits(rest);
    if (power.empty()) return std::nullopt;
    out += power;
  }
  if (!rest.empty()) return std::nullopt;
  return out;
}

// Of 0x1f and 0o17 the digits and their base; nothing where it is none of both.
struct Based {
  std::string_view digits;
  int base = 0;
};
std::optional<Based> based(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0) return std::nullopt;
  const std::string_view digits = text.substr(2);
  const std::string_view accepted = base == 16 ? "0123456789abcdefABCDEF" : "01234567";
  if (digits.find_first_not_of(accepted) != std::string_view::npos) return std::nullopt;
  return Based{digits, base};
}

Error no_number(std::string_view text) {
  return {Errc::unproven,
          std::string(text) + " is no number that JSON has; in quotes it would be text"};
}

}  // namespace

Result<std::string> plain_scalar(std::string_view text) {
  constexpr auto nulls = std::to_array<std::string_view>({"", "~", "null", "Null", "NULL"});
  constexpr auto trues = std::to_array<std::string_view>({"true", "True", "TRUE"});
  constexpr auto falses = std::to_array<std::string_view>({"false", "False", "FALSE"});
  constexpr auto beyond =
      std::to_array<std::string_view>({".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                       "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"});
  if (is_one_of(text, nulls)) return std::string("null");
  if (is_one_of(text, trues)) return std::string("true");
  if (is_one_of(text, falses)) return std::string("false");
  if (is_one_of(text, beyond)) return no_number(text);
  if (auto number = decimal(text)) return std::move(*number);
  const auto other = based(text);
  if (!other) return json::quoted(text);
  std::uint64_t value = 0;
  const char* const end = other->digits.data() + other->digits.size();
  const auto read = std::from_chars(other->digits.data(), end, value, other->base);
  if (read.ec != std::errc{}) return no_number(text);
  return std::to_string(value);
}

}  // namespace kinto_mirror::sync::dump
