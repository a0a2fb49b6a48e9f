#include "model/selection.hpp"

#include "model/query.hpp"

#include <algorithm>

namespace kinto_mirror::model {

namespace {

template <class Value>
int three_way(const Value& left, const Value& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

bool passes_all(const json::object& object, const std::vector<Filter>& filters, Profile profile) {
  return std::ranges::all_of(filters,
                             [&](const Filter& one) { return passes(object, one, profile); });
}

bool fits(const Call& call, const Selection& selection, const json::object& object) {
  const Profile profile = call.server.options.profile;
  if (!passes_all(object, selection.filters, profile)) return false;
  const auto& rules = selection.token.rules;
  return rules.empty() || std::ranges::any_of(rules, [&](const auto& rule) {
           return passes_all(object, rule, profile);
         });
}

struct Found {
  const std::string* id;
  const Object* object;
  Listed listed;
};

// Most lists are sorted by stamps and ids alone, which needs no look into the objects.
void sort_found(std::vector<Found>& found, const std::vector<SortField>& sorting) {
  std::ranges::sort(found, {}, [](const Found& one) {
    return std::pair(one.object->deleted, one.object->order);
  });
  std::ranges::stable_sort(found, [&](const Found& left, const Found& right) {
    for (const SortField& field : sorting) {
      const int order = field.name == "last_modified"
                            ? three_way(left.object->stamp, right.object->stamp)
                        : field.name == "id" ? three_way(*left.id, *right.id)
                                             : compare(find_nested(*left.listed, field.name),
                                                       find_nested(*right.listed, field.name));
      if (order != 0) return field.descending ? order > 0 : order < 0;
    }
    return false;
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

std::vector<Listed> select(const Call& call, const Selection& selection, bool tombstones) {
  const Shelf* const shelf = call.server.store.shelf(call.target.place);
  if (shelf == nullptr) return {};
  std::vector<Found> found;
  for (const auto& [id, object] : shelf->objects) {
    if (object.deleted && !tombstones) continue;
    Listed fields = listed(id, object);
    if (fits(call, selection, *fields)) found.push_back({&id, &object, std::move(fields)});
  }
  sort_found(found, selection.sorting);
  std::vector<Listed> objects;
  objects.reserve(found.size());
  for (Found& one : found) objects.push_back(std::move(one.listed));
  return objects;
}

bool looks_deleted(const Listed& object) {
  const json::value* const field = object->if_contains("deleted");
  return field != nullptr && field->is_bool() && field->get_bool();
}

std::int64_t count(const Call& call, const Selection& selection) {
  const Shelf* const shelf = call.server.store.shelf(call.target.place);
  if (shelf == nullptr) return 0;
  return std::ranges::count_if(shelf->objects, [&](const auto& item) {
    if (item.second.deleted) return false;
    const Listed fields = listed(item.first, item.second);
    return fits(call, selection, *fields) && !(call.server.on_memory() && looks_deleted(fields));
  });
}

}  // namespace kinto_mirror::model
