#include "model/listing.hpp"

#include "model/backend.hpp"
#include "model/containers.hpp"
#include "model/printing.hpp"
#include "model/query.hpp"
#include "model/rights.hpp"
#include "model/selection.hpp"

#include <algorithm>
#include <array>

namespace kinto_mirror::model {

namespace {

void set_next_page(Call& call, const Selection& selection, const json::object& last,
                   std::int64_t offset) {
  const std::string nonce = "pagination-token-" + call.server.new_uuid();
  if (call.request.method == "DELETE") call.server.tokens.insert(nonce);
  Query query = call.query;
  const auto put = [&](const std::string& name, std::string value) {
    const auto found = std::ranges::find(query, name, &Query::value_type::first);
    if (found == query.end()) {
      query.emplace_back(name, std::move(value));
    } else {
      found->second = std::move(value);
    }
  };
  put("_limit", std::to_string(selection.limit));
  put("_token", print_token(call.server.options.age, selection.sorting, last, offset, nonce));
  const std::string host(http::find_header(call.request.headers, "Host").value_or("localhost"));
  set_header(call.answer, "Next-Page",
             "http://" + host + "/v1" + call.target.uri + "?" + print_query(query));
}

// What Kinto 11 takes for the number of the listed, with `left` from the token on: without
// tombstones, but on memory without those of `left` only, and on PostgreSQL 0 where there is none.
std::int64_t total_of_old(const Call& call, Selection selection, bool tombstones,
                          const std::vector<Row>& left) {
  const bool on_memory = call.server.on_memory();
  if (left.empty() && !on_memory) return 0;
  selection.token.rules.clear();
  const std::int64_t all = std::ssize(select(call, selection, tombstones && on_memory));
  if (!on_memory) return all;
  return all -
         std::ranges::count_if(left, [](const Row& row) { return looks_deleted(*row.object); });
}

// The objects, separated by commas.
http::Response answer_list(Call& call, const std::string& data) {
  return text_answer(200, "{\"data\":[" + data + "]}", std::move(call.answer.headers));
}

// `tombs`: whether the fields are those of `_fields=deleted`, which are asked for most of the time.
void append_row(std::string& out, const Row& row, const std::vector<std::string>& fields,
                bool tombs) {
  const auto& [id, object] = row;
  if (!out.empty()) out += ',';
  if (fields.empty()) {
    append_whole(out, *id, *object);
  } else if (tombs) {
    append_stamp(out, *id, *object);
  } else {
    append_object(out, subset(listed(*id, *object), fields));
  }
}

}  // namespace

http::Response list_objects(Call& call, const Guards& guards, const Ids& shared,
                            std::vector<Invalid> errors) {
  for (const char* name : {"_since", "_to", "_before", "last_modified", "_limit"}) {
    (void)integer_parameter(call.query, name, errors);
  }
  if (!errors.empty()) throw Raised{invalid(std::move(errors))};
  const Epoch etag = timestamp(call.server, call.target.place);
  set_stamp(call.answer, etag);
  set_header(call.answer, "Cache-Control", "no-cache, no-store");
  raise_if_not_modified(guards, etag);
  raise_if_modified(guards, call.server, call.target.place, true, {}, nullptr);

  Selection selection = read_selection(call, shared, {});
  if (call.request.method == "HEAD" && !call.server.is_old()) {
    selection.token.rules.clear();
    const std::string total = std::to_string(count(call, selection));
    set_header(call.answer, "Total-Objects", total);
    set_header(call.answer, "Total-Records", total);
    return answer_list(call, {});
  }
  const bool tombstones = std::ranges::any_of(
      selection.filters, [](const Filter& one) { return one.field == "last_modified"; });
  std::vector<Row> objects = select(call, selection, tombstones);
  const auto limit = static_cast<std::size_t>(selection.limit);
  std::int64_t offset = selection.token.offset + selection.limit + 1;
  bool more = objects.size() > limit;
  if (call.server.is_old()) {
    offset = selection.token.offset + std::min(selection.limit, std::ssize(objects));
    const std::int64_t total = total_of_old(call, selection, tombstones, objects);
    more = objects.size() >= limit && offset < total;
    set_header(call.answer, "Total-Records", std::to_string(total));
  }
  if (more) {
    const Row& last = objects[limit - 1];
    set_next_page(call, selection, listed(*last.id, *last.object), offset);
  }
  if (objects.size() > limit) objects.resize(limit);
  std::vector<std::string> fields = list_parameter(call.query, "_fields");
  if (!fields.empty()) fields.insert(fields.end(), {"id", "last_modified"});
  std::string data;
  const bool tombs = std::ranges::equal(fields, std::array{"deleted", "id", "last_modified"});
  for (const Row& row : objects) append_row(data, row, fields, tombs);
  return answer_list(call, data);
}

http::Response delete_objects(Call& call, const Guards& guards, const Ids& shared,
                              std::vector<Invalid> errors) {
  Server& server = call.server;
  const Place& place = call.target.place;
  if (!errors.empty()) throw Raised{invalid(std::move(errors))};
  raise_if_modified(guards, server, place, true, {}, nullptr);
  const Selection selection = read_selection(call, shared, {});
  const std::string* const token = find_parameter(call.query, "_token");
  if (token != nullptr && !token->empty() && server.tokens.erase(selection.token.nonce) == 0) {
    throw Raised{
        invalid({{"querystring", std::nullopt, "_token was already used or has expired."}})};
  }
  std::vector<Row> objects = select(call, selection, false);
  const auto limit = static_cast<std::size_t>(selection.limit);
  bool more = objects.size() > limit;
  if (call.server.is_old()) {
    const std::int64_t total = total_of_old(call, selection, false, objects);
    more = objects.size() >= limit && total > 1;
    set_header(call.answer, "Total-Records", std::to_string(total));
  }
  if (objects.size() > limit) objects.resize(limit);
  if (selection.filters.empty()) forget_permissions(server, call.target.uri_of("*"));
  std::string data;
  std::optional<json::object> last_buried;
  Epoch last = 0;
  for (const Row& row : objects) {
    const std::string id = *row.id;
    note_deleted(call, id);
    // Up to Kinto 11 PostgreSQL leaves the stamp as it is, but for the newest of the list.
    std::optional<Epoch> stamp;
    if (server.is_old() && !server.on_memory()) stamp = row.object->stamp;
    const Object tombstone = bury(server, place, id, stamp);
    note_tombstone(call, tombstone);
    if (!selection.filters.empty()) forget_permissions(server, call.target.uri_of(id));
    last = server.is_old() ? tombstone.stamp : std::max(last, tombstone.stamp);
    if (!data.empty()) data += ',';
    append_whole(data, id, tombstone);
    last_buried = whole(id, tombstone);
  }
  if (more) set_next_page(call, selection, last_buried.value(), selection.token.offset);
  set_stamp(call.answer, data.empty() ? timestamp(server, place) : last);
  return answer_list(call, data);
}

}  // namespace kinto_mirror::model
