#include "sync/dump/question.hpp"

#include "base/json_slice.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

namespace urls = boost::urls;

// `"a","b"`: JSON strings with commas between them.
std::optional<std::vector<std::string>> read_ids(const std::string& value) {
  std::vector<std::string> ids;
  const std::string list = "[" + value + "]";
  json::ArrayReader reader(list);
  for (std::string_view one; reader.next(one);) {
    auto id = json::to_string(one);
    if (!id) return std::nullopt;
    ids.push_back(std::move(*id));
  }
  if (!reader.ok()) return std::nullopt;
  return ids;
}

// False where the value is none that Kinto takes.
bool take(Question& question, std::string_view key, const std::string& value) {
  const auto number = json::to_int(value);
  if (key == "_since" || key == "_before") {
    if (!number) return false;
    (key == "_since" ? question.since : question.before) = Stamp{*number};
    question.with_tombstones = true;
  } else if (key == "not_last_modified") {
    question.with_tombstones = true;
  } else if (key == "_sort") {
    question.by_id = value == "id";
  } else if (key == "_fields") {
    question.stamps_only = value == "deleted";
  } else if (key == "has_deleted") {
    question.marked_only = true;
  } else if (key == "_limit") {
    if (!number || *number < 0) return false;
    question.limit = *number;
  } else if (key == "_token") {
    if (!number || *number < 0) return false;
    question.from = static_cast<std::size_t>(*number);
  } else if (key == "gt_id") {
    auto id = json::to_string(value);
    if (!id) return false;
    question.behind_id = std::move(*id);
  } else if (key == "id" || key == "in_id") {
    question.ids = read_ids(value);
    return question.ids.has_value();
  }
  return true;
}

}  // namespace

std::optional<Question> read_question(std::string_view target) {
  constexpr std::string_view root = "/v1";
  const auto url = urls::parse_origin_form(urls::string_view(target.data(), target.size()));
  if (!url) return std::nullopt;
  Question question;
  question.path = url->path();
  if (!question.path.starts_with(root)) return std::nullopt;
  question.path.erase(0, root.size());
  for (const auto& one : url->params()) {
    const std::string key(one.key.data(), one.key.size());
    const std::string value(one.value.data(), one.value.size());
    if (!take(question, key, value)) return std::nullopt;
  }
  return question;
}

}  // namespace kinto_mirror::sync::dump
