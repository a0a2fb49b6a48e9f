#include "model/pages.hpp"

#include "model/credentials.hpp"
#include "model/query.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kinto_mirror::model {

namespace {

constexpr std::string_view name_of_last(Age age) noexcept {
  return age == Age::kinto_11 ? "last_record" : "last_object";
}

bool is_good(const json::object& last, const std::vector<SortField>& sorting, Epoch now) {
  return std::ranges::all_of(sorting, [&](const SortField& field) {
    const json::value* const value = last.if_contains(field.name);
    if (field.name == "last_modified") return value != nullptr && is_valid_stamp(*value, now);
    return value == nullptr || !(value->is_structured() || holds_null_character(*value));
  });
}

std::optional<Token> parse_token(const std::string& text, const std::vector<SortField>& sorting,
                                 const Server& server) {
  const auto decoded = from_base64(text);
  const auto parsed = decoded ? parse_json(*decoded) : std::nullopt;
  const json::object* const info = parsed ? parsed->if_object() : nullptr;
  if (info == nullptr) return std::nullopt;
  const json::value* const last = info->if_contains(name_of_last(server.options.age));
  const json::value* const offset = info->if_contains("offset");
  const json::value* const nonce = info->if_contains("nonce");
  if (last == nullptr || !last->is_object() || offset == nullptr || nonce == nullptr) {
    return std::nullopt;
  }
  Token token;
  token.offset = as_integer(*offset).value_or(-1);
  const bool good = server.is_old() ||
                    (token.offset >= 0 && is_good(last->get_object(), sorting, server.clock()));
  if (!good) return std::nullopt;
  if (const auto* name = nonce->if_string()) token.nonce = *name;
  for (std::size_t size = sorting.size(); size > 0; --size) {
    std::vector<Filter> rule;
    for (std::size_t i = 0; i < size; ++i) {
      Filter filter{sorting[i].name, nullptr, Comparison::eq, false};
      const json::value* const value = last->get_object().if_contains(filter.field);
      filter.missing = value == nullptr;
      if (value != nullptr) filter.value = *value;
      if (i + 1 == size) filter.how = sorting[i].descending ? Comparison::lt : Comparison::gt;
      rule.push_back(std::move(filter));
    }
    token.rules.push_back(std::move(rule));
  }
  return token;
}

}  // namespace

std::vector<SortField> read_sorting(const Query& query) {
  std::vector<SortField> sorting;
  bool by_stamp = false;
  for (const std::string& field : list_parameter(query, "_sort")) {
    by_stamp = by_stamp || field == "last_modified";
    const bool sign = field.starts_with('-') || field.starts_with('+');
    sorting.push_back({field.substr(sign ? 1 : 0), field.starts_with('-')});
  }
  if (!by_stamp) sorting.push_back({"last_modified", true});
  return sorting;
}

Token read_token(const Call& call, const std::vector<SortField>& sorting) {
  const std::string* const text = find_parameter(call.query, "_token");
  if (text == nullptr || text->empty()) return {};
  if (auto token = parse_token(*text, sorting, call.server)) return std::move(*token);
  throw Raised{invalid({{"querystring", std::nullopt, "_token has invalid content"}})};
}

std::string print_token(Age age, const std::vector<SortField>& sorting, const json::object& last,
                        std::int64_t offset, const std::string& nonce) {
  json::object fields;
  for (const SortField& field : sorting) {
    if (const json::value* const value = find_nested(last, field.name)) fields[field.name] = *value;
  }
  json::object token;
  token[name_of_last(age)] = std::move(fields);
  token["offset"] = offset;
  token["nonce"] = nonce;
  return to_base64(json::serialize(token));
}

}  // namespace kinto_mirror::model
