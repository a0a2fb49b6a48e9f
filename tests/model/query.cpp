#include "model/query.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace kinto_mirror::model {

namespace {

// Of its entries none can be asked for by itself.
bool is_history(const std::vector<std::string_view>& parts) {
  return parts[3] == "history" && parts.size() == 4;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
  const auto coded = [&](char c) { return c == '%' || (plus_is_space && c == '+'); };
  if (std::ranges::none_of(text, coded)) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
            text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Query parse_query(std::string_view text) {
  Query query;
  for (const std::string_view part : split(text, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    query.emplace_back(percent_decode(name, true), percent_decode(value, true));
  }
  return query;
}

std::string print_query(const Query& query) {
  std::string text;
  for (const auto& [key, value] : query) {
    text +=
        (text.empty() ? "" : "&") + http::percent_encode(key) + "=" + http::percent_encode(value);
  }
  return text;
}

std::optional<Target> parse_target(std::string_view path) {
  std::vector<std::string_view> parts = split(path, '/');
  std::vector<std::string> decoded;
  if (path.find('%') != std::string_view::npos) {
    for (const std::string_view one : parts) decoded.push_back(percent_decode(one, false));
    parts.assign(decoded.begin(), decoded.end());
  }
  const std::size_t size = parts.size();
  const auto empty = [](std::string_view part) { return part.empty(); };
  if (size < 2 || size > 7 || parts[1] != "buckets") return std::nullopt;
  if (std::any_of(parts.begin() + 1, parts.end(), empty)) return std::nullopt;
  Target target;
  target.uri = path;
  target.plural = size % 2 == 0;
  if (!target.plural) target.id = parts.back();
  target.plural_uri = target.plural ? target.uri : target.uri.substr(0, target.uri.rfind('/'));
  if (size > 3) {
    target.bucket = parts[2];
    if (parts[3] != "collections" && parts[3] != "groups" && !is_history(parts))
      return std::nullopt;
    target.kind = parts[3] == "groups"    ? Kind::group
                  : parts[3] == "history" ? Kind::history
                                          : Kind::collection;
    target.place.parent = "/buckets/" + target.bucket;
  }
  if (size > 5) {
    if (target.kind != Kind::collection || parts[5] != "records") return std::nullopt;
    target.kind = Kind::record;
    target.collection = parts[4];
    target.place.parent += "/collections/" + target.collection;
  }
  target.place.kind = name_of(target.kind);
  return target;
}

const std::string* find_parameter(const Query& query, std::string_view name) {
  const auto found = std::ranges::find(query, name, &Query::value_type::first);
  return found == query.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> integer_parameter(const Query& query, std::string_view name,
                                              std::vector<Invalid>& errors) {
  const std::string* const text = find_parameter(query, name);
  if (text == nullptr || text->empty()) return std::nullopt;
  const auto refuse = [&](const std::string& why) {
    errors.push_back({"querystring", std::string(name), why});
    return std::nullopt;
  };
  json::value value = native_value(*text);
  if (value.is_null()) return std::nullopt;
  if (value.is_bool()) value = json::value(*text);
  if (const auto* quoted = value.if_string()) {
    const auto number = parse_integer(*quoted);
    if (!number) return refuse("\"" + std::string(*quoted) + "\" is not a number");
    value = *number;
  }
  if (value.is_double() || value.is_uint64()) {
    const double number = std::trunc(value.to_number<double>());
    if (number > 9223372036854775807.0) {
      char digits[64];
      std::snprintf(digits, sizeof digits, "%.0f", number);
      return refuse(std::string(digits) + " is greater than maximum value 9223372036854775808");
    }
    value = static_cast<std::int64_t>(number);
  }
  if (!value.is_int64()) return refuse("\"" + *text + "\" is not a number");
  if (value.get_int64() < 0) {
    return refuse(std::to_string(value.get_int64()) + " is less than minimum value 0");
  }
  return value.get_int64();
}

std::vector<std::string> list_parameter(const Query& query, std::string_view name) {
  const std::string* const text = find_parameter(query, name);
  if (text == nullptr) return {};
  std::vector<std::string> list;
  for (const std::string_view one : split(*text, ',')) {
    if (!one.empty()) list.emplace_back(one);
  }
  return list;
}

bool is_valid_stamp(const json::value& value, Epoch now) {
  std::optional<std::int64_t> number = as_integer(value);
  if (const auto* number_like = value.if_double()) number = static_cast<std::int64_t>(*number_like);
  if (const auto* text = value.if_string()) {
    std::string_view digits = *text;
    if (digits.size() > 2 && digits.front() == '"' && digits.back() == '"') {
      digits = digits.substr(1, digits.size() - 2);
    }
    number = parse_integer(digits);
  }
  return number && *number >= 0 && *number < now + Epoch{24} * 3600 * 1000;
}

}  // namespace kinto_mirror::model
