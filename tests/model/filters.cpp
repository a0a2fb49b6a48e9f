#include "model/filters.hpp"

#include "model/query.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace kinto_mirror::model {

namespace {

constexpr std::array<std::pair<std::string_view, Comparison>, 10> comparisons{
    {{"lt_", Comparison::lt},
     {"min_", Comparison::min},
     {"max_", Comparison::max},
     {"not_", Comparison::not_equal},
     {"eq_", Comparison::eq},
     {"gt_", Comparison::gt},
     {"in_", Comparison::in},
     {"exclude_", Comparison::exclude},
     {"like_", Comparison::like},
     {"has_", Comparison::has}}};

[[noreturn]] void refuse(const std::string& parameter) {
  throw Raised{invalid({{"querystring", parameter, "Invalid value for " + parameter}})};
}

bool is_a_list(Comparison how) {
  return how == Comparison::in || how == Comparison::exclude;
}

json::array native_list(std::string_view text) {
  json::array list;
  for (const std::string_view one : split(text, ',')) {
    if (!one.empty()) list.push_back(native_value(one));
  }
  return list;
}

bool fits_field(const Filter& filter, Epoch now) {
  if (is_a_list(filter.how)) {
    const auto& list = filter.value.get_array();
    if (filter.field == id_field) {
      return std::ranges::all_of(list, [](const auto& one) { return one.is_string(); });
    }
    if (filter.field == stamp_field) {
      return false;  // Kinto takes no list of stamps
    }
    return true;
  }
  return filter.field != stamp_field || is_valid_stamp(filter.value, now);
}

void normalise(Filter& filter, std::string_view text, bool quoted_is_number) {
  if (filter.field == id_field && !is_a_list(filter.how) && !filter.value.is_string()) {
    filter.value = text;
  }
  if (filter.field == stamp_field && filter.value.is_string() && quoted_is_number) {
    const std::string digits(split(std::string_view(filter.value.get_string()), '"').back());
    filter.value = native_value(digits.empty() ? text : digits);
  }
}

std::optional<Filter> read_filter(std::string_view name, std::string_view text) {
  Filter filter;
  if (name == "_since" || name == "_before" || name == "_to") {
    filter.field = stamp_field;
    filter.how = name == "_since" ? Comparison::gt : Comparison::lt;
  } else if (name.starts_with('_')) {
    return std::nullopt;
  } else {
    filter.field = name;
    for (const auto& [prefix, how] : comparisons) {
      if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
      filter.field = name.substr(prefix.size());
      filter.how = how;
      break;
    }
  }
  if (is_a_list(filter.how)) {
    filter.value = native_list(text);
  } else {
    filter.value = native_value(text);
  }
  return filter;
}

// Whether two values in this order fit; nothing where it is not their order that counts.
std::optional<bool> holds(Comparison how, int order) noexcept {
  switch (how) {
    case Comparison::lt:
      return order < 0;
    case Comparison::max:
      return order <= 0;
    case Comparison::eq:
      return order == 0;
    case Comparison::not_equal:
      return order != 0;
    case Comparison::min:
      return order >= 0;
    case Comparison::gt:
      return order > 0;
    default:
      return std::nullopt;
  }
}

bool is_one_of(const json::value* found, const json::array& list, Profile profile) {
  if (found == nullptr) return false;
  return std::ranges::any_of(list, [&](const json::value& one) {
    if (compare(found, &one) == 0) return true;
    // To Python 1 == True.
    const bool mixed =
        (found->is_bool() && one.is_number()) || (found->is_number() && one.is_bool());
    if (profile != Profile::memory || !mixed) return false;
    const auto number = [](const json::value& value) {
      return value.is_bool() ? (value.get_bool() ? 1.0 : 0.0) : value.to_number<double>();
    };
    return number(*found) == number(one);
  });
}

bool is_similar(const json::value* found, const json::value& pattern) {
  if (found == nullptr || !found->is_string() || !pattern.is_string()) return false;
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  const std::string text = lower(std::string(found->get_string()));
  const std::string like = lower(std::string(pattern.get_string()));
  const std::vector<std::string_view> parts = split(like, '*');
  if (parts.size() == 1) return text.find(parts.front()) != std::string::npos;
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    at = text.find(parts[i], at);
    if (at == std::string::npos || (i == 0 && at != 0)) return false;
    at += parts[i].size();
  }
  return parts.back().empty() || text.ends_with(parts.back());
}

}  // namespace

std::vector<Filter> read_filters(const Query& query, Epoch now, Profile profile) {
  std::vector<Filter> filters;
  for (const auto& [name, text] : query) {
    std::optional<Filter> filter = read_filter(name, text);
    if (!filter) continue;
    if (!fits_field(*filter, now)) refuse(name);
    if (filter->how == Comparison::like && !filter->value.is_string()) refuse(name);
    const bool own_type = name.starts_with('_') || name == stamp_field;
    normalise(*filter, text, own_type || profile == Profile::postgresql);
    if (filter->field == stamp_field && filter->value.is_double()) {
      filter->value = static_cast<std::int64_t>(filter->value.get_double());
    }
    filters.push_back(std::move(*filter));
  }
  return filters;
}

bool passes(const std::string& id, const Object& object, const Filter& filter, Profile profile) {
  // Most filters compare the stamp with a number.
  const auto* const number = filter.value.if_int64();
  if (number != nullptr && !filter.missing && filter.field == stamp_field) {
    const int order = object.stamp < *number ? -1 : object.stamp > *number ? 1 : 0;
    if (const auto compared = holds(filter.how, order)) return *compared;
  }
  const json::value* const found = find_nested(listed(id, object), filter.field);
  const json::value* const wanted = filter.missing ? nullptr : &filter.value;
  switch (filter.how) {
    case Comparison::in:
      return is_one_of(found, filter.value.get_array(), profile);
    case Comparison::exclude:
      return !is_one_of(found, filter.value.get_array(), profile);
    case Comparison::like:
      return is_similar(found, filter.value);
    case Comparison::has: {
      const bool wants = filter.value.is_bool() ? filter.value.get_bool() : !filter.value.is_null();
      return (found != nullptr) == wants;
    }
    default:
      return holds(filter.how, compare(found, wanted)).value_or(false);
  }
}

}  // namespace kinto_mirror::model
