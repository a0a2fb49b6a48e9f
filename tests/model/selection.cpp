#include "model/selection.hpp"

#include "model/query.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace kinto_mirror::model {

namespace {

template <class Value>
int in_turn(const Value& left, const Value& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

bool passes_all(const std::string& id, const Object& object, const std::vector<Filter>& filters,
                Profile profile) {
  return std::ranges::all_of(filters,
                             [&](const Filter& one) { return passes(id, object, one, profile); });
}

bool fits(const Call& call, const Selection& selection, const std::string& id,
          const Object& object) {
  const Profile profile = call.server.options.profile;
  if (!passes_all(id, object, selection.filters, profile)) return false;
  const auto& rules = selection.token.rules;
  return rules.empty() || std::ranges::any_of(rules, [&](const auto& rule) {
           return passes_all(id, object, rule, profile);
         });
}

// The bound of `_since`, where there is one: from there on the index by stamps has all that fits.
std::optional<Epoch> newer_than(const std::vector<Filter>& filters) {
  for (const Filter& one : filters) {
    const auto* const number = one.value.if_int64();
    if (one.how == Comparison::gt && one.field == stamp_field && number != nullptr) {
      return *number;
    }
  }
  return std::nullopt;
}

// The ids of `in_id`, where there is one, each once: no other object fits.
std::optional<std::set<std::string_view>> ids_of(const std::vector<Filter>& filters) {
  for (const Filter& one : filters) {
    if (one.how != Comparison::in || one.field != id_field) continue;
    std::set<std::string_view> ids;
    for (const json::value& id : one.value.get_array()) ids.emplace(id.get_string());
    return ids;
  }
  return std::nullopt;
}

// Calls `visit(id, object)` for all that may pass the filters, and others.
template <class Visit>
void visit_candidates(const Shelf& shelf, const std::vector<Filter>& filters, Visit visit) {
  if (const auto ids = ids_of(filters)) {
    for (const std::string_view id : *ids) {
      const auto found = shelf.objects.find(id);
      if (found != shelf.objects.end()) visit(found->first, found->second);
    }
  } else if (const auto since = newer_than(filters)) {
    for (auto one = shelf.by_stamp.lower_bound({*since, ""}); one != shelf.by_stamp.end(); ++one) {
      visit(one->second, shelf.objects.find(one->second)->second);
    }
  } else {
    for (const auto& [id, object] : shelf.objects) visit(id, object);
  }
}

// Most lists are sorted by stamps and ids alone, which needs no look into the objects.
int in_order(const Row& left, const Row& right, const SortField& field) {
  if (field.name == stamp_field) return in_turn(left.object->stamp, right.object->stamp);
  if (field.name == id_field) return left.id->compare(*right.id);
  return compare(find_nested(listed(*left.id, *left.object), field.name),
                 find_nested(listed(*right.id, *right.object), field.name));
}

void sort_rows(std::vector<Row>& rows, const std::vector<SortField>& sorting) {
  std::ranges::sort(rows, [&](const Row& left, const Row& right) {
    for (const SortField& field : sorting) {
      const int order = in_order(left, right, field);
      if (order != 0) return field.descending ? order > 0 : order < 0;
    }
    return std::pair(left.object->deleted, left.object->order) <
           std::pair(right.object->deleted, right.object->order);
  });
}

}  // namespace

Selection read_selection(Call& call, const Ids& shared, std::vector<Invalid> errors) {
  const Query& query = call.query;
  for (const char* name : {"_since", "_to", "_before", "last_modified"}) {
    (void)integer_parameter(query, name, errors);
  }
  const auto limit = integer_parameter(query, "_limit", errors);
  if (!errors.empty()) throw Raised{invalid(std::move(errors))};
  const Epoch now = call.server.clock();
  Selection selection;
  selection.filters = read_filters(query, now, call.server.options.profile);
  if (find_parameter(query, "_to") != nullptr) {
    call.alert =
        R"({"code":"soft-eol","message":"_to is now deprecated, you should use _before instead",)"
        R"("url":"https://kinto.readthedocs.io/en/2.4.0/api/resource.html)"
        R"(#list-of-available-url-parameters"})";
  }
  if (shared) {
    selection.filters.insert(
        selection.filters.begin(),
        Filter{"id", json::array(shared->begin(), shared->end()), Comparison::in, false});
  }
  const Options& options = call.server.options;
  selection.limit = limit.value_or(options.paginate_by);
  if (find_parameter(query, "_limit") != nullptr && !limit) selection.limit = 0;
  if (selection.limit != 0 && options.paginate_by != 0) {
    selection.limit = std::min(selection.limit, options.paginate_by);
  }
  selection.limit = selection.limit == 0 ? options.max_fetch_size
                                         : std::min(selection.limit, options.max_fetch_size);
  selection.sorting = read_sorting(query);
  selection.token = read_token(call, selection.sorting);
  return selection;
}

std::vector<Row> select(const Call& call, const Selection& selection, bool tombstones) {
  const Shelf* const shelf = call.server.store.shelf(call.target.place);
  if (shelf == nullptr) return {};
  std::vector<Row> rows;
  visit_candidates(*shelf, selection.filters, [&](const std::string& id, const Object& object) {
    if (object.deleted && !tombstones) return;
    if (fits(call, selection, id, object)) rows.push_back({&id, &object});
  });
  sort_rows(rows, selection.sorting);
  return rows;
}

bool looks_deleted(const Object& object) {
  const json::value* const field = object.data.if_contains("deleted");
  return field != nullptr && field->is_bool() && field->get_bool();
}

std::int64_t count(const Call& call, const Selection& selection) {
  const Shelf* const shelf = call.server.store.shelf(call.target.place);
  if (shelf == nullptr) return 0;
  std::int64_t total = 0;
  visit_candidates(*shelf, selection.filters, [&](const std::string& id, const Object& object) {
    if (object.deleted || (call.server.on_memory() && looks_deleted(object))) return;
    total += fits(call, selection, id, object) ? 1 : 0;
  });
  return total;
}

}  // namespace kinto_mirror::model
