#include "kinto/batch.hpp"

#include "base/json_slice.hpp"
#include "kinto/page.hpp"
#include "kinto/status.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

// `last_modified` of the object that comes next.
std::optional<Stamp> read_stamp(json::Cursor& cursor) {
  std::optional<Stamp> stamp;
  json::each_member(cursor, [&](std::string_view key) {
    const auto ms = json::to_int(cursor.value());
    if (key == "last_modified" && ms) stamp = Stamp{*ms};
  });
  return stamp;
}

void read_headers(json::Cursor& cursor, Answer& answer) {
  json::each_member(cursor, [&](std::string_view key) {
    const std::string_view value = cursor.value();
    if (key == "Next-Page") answer.more = true;
    if (key == "ETag") read_etag(json::to_string(value).value_or(std::string(value)), answer);
    if (key == "Total-Objects" || key == "Total-Records") {
      answer.total = json::to_int(json::to_string(value).value_or(""));
    }
  });
}

void read_body(json::Cursor& cursor, Answer& answer) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "data" && cursor.peek() == '[') {
      answer.rows = cursor.value();
    } else if (key == "data") {
      const std::size_t begin = cursor.place();
      answer.stamp = read_stamp(cursor);
      answer.object = cursor.since(begin);
    } else if (key == "permissions") {
      answer.permissions = cursor.value();
    } else if (key == "message") {
      auto text = json::to_string(cursor.value());
      if (text && !text->empty()) answer.message = std::move(*text);
    } else if (key == "error") {
      const auto text = json::to_string(cursor.value());
      if (text && answer.message.empty()) answer.message = *text;
    } else if (key == "errno") {
      answer.error_number = json::to_small_int(cursor.value());
    } else if (key == "details") {
      json::each_member(cursor, [&](std::string_view detail) {
        if (detail == "existing") {
          answer.existing = read_stamp(cursor);
        } else {
          cursor.value();
        }
      });
    } else {
      cursor.value();
    }
  });
}

Result<Answer> parse_answer(json::Cursor& cursor) {
  Answer answer;
  json::ObjectReader reader(cursor);
  for (std::string_view key; reader.next_key(key);) {
    if (key == "status") {
      answer.status = json::to_small_int(cursor.value());
    } else if (key == "headers") {
      read_headers(cursor, answer);
    } else if (key == "body") {
      read_body(cursor, answer);
    } else {
      cursor.value();
    }
  }
  if (!reader.ok() || answer.status < 100 || answer.status > 599) {
    return Error(Errc::not_kinto, "a batch answer without a status");
  }
  return answer;
}

Result<std::vector<Answer>> parse_answers(json::Cursor& cursor, std::size_t expected) {
  std::vector<Answer> answers;
  answers.reserve(expected);
  json::ArrayReader reader(cursor);
  while (reader.next_element()) {
    auto answer = parse_answer(cursor);
    if (!answer) return answer.error();
    answers.push_back(std::move(*answer));
  }
  if (!reader.ok() || answers.size() != expected) {
    return Error(Errc::not_kinto, "a batch of " + std::to_string(expected) +
                                      " requests was answered by " +
                                      std::to_string(answers.size()));
  }
  return answers;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> Subrequest::guard_header() const {
  using Header = std::pair<std::string, std::string>;
  switch (guard) {
    case Guard::none:
      return std::nullopt;
    case Guard::if_absent:
      return Header("If-None-Match", "*");
    case Guard::if_stamp:
      // A negative stamp is a 400, and 0 no guard at all: for an object that a client has stamped
      // so there is none.
      return Header("If-Match",
                    "\"" + std::to_string(std::max<std::int64_t>(0, guard_stamp.ms)) + "\"");
  }
  return std::nullopt;
}

void Subrequest::append_body(std::string& out) const {
  out += "{\"data\":";
  out += data;
  if (!permissions.empty()) {
    out += ",\"permissions\":";
    out += permissions;
  }
  out += "}";
}

std::string batch_body(const std::vector<Subrequest>& requests) {
  std::size_t size = 32;
  for (const Subrequest& request : requests) size += request.bytes();
  std::string out;
  out.reserve(size);
  out += "{\"requests\":[";
  for (const Subrequest& request : requests) {
    if (out.back() != '[') out += ',';
    out += "{\"method\":\"" + request.method + "\",\"path\":";
    out += json::quoted(request.path);
    if (const auto header = request.guard_header()) {
      out += ",\"headers\":{" + json::quoted(header->first) + ":" + json::quoted(header->second);
      out += "}";
    }
    if (!request.data.empty()) {
      out += ",\"body\":";
      request.append_body(out);
    }
    out += "}";
  }
  out += "]}";
  return out;
}

void read_etag(std::string_view header, Answer& answer) {
  answer.etag = parse_etag(header);
  answer.odd_etag = answer.etag ? std::string() : std::string(header);
}

Error no_stamp(std::string_view etag) {
  constexpr std::size_t enough = 80;
  std::string quoted(etag.substr(0, enough));
  std::ranges::replace_if(
      quoted, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return {Errc::not_kinto, "an ETag that is no stamp: " + quoted +
                               "; what stands in front of Kinto must leave its ETag alone"};
}

void read_answer_body(std::string_view body, Answer& answer) {
  json::Cursor cursor(body);
  read_body(cursor, answer);
}

namespace {

// The title of a page, else its text without tags. Example: "413 Request Entity Too Large" of
// nginx's "<html>\r\n<head><title>413 Request Entity Too Large</title></head>...".
std::string text_of_markup(std::string_view page) {
  constexpr std::string_view title = "<title>";
  if (const std::size_t begin = page.find(title); begin != std::string_view::npos) {
    const std::string_view rest = page.substr(begin + title.size());
    const std::string_view text = rest.substr(0, rest.find('<'));
    if (!text.empty()) return std::string(text);
  }
  std::string text;
  bool in_tag = false;
  for (const char c : page) {
    if (c == '<' || c == '>') text += ' ';
    if (c != '>' && c != '<' && !in_tag) text += c;
    in_tag = c == '<' || (in_tag && c != '>');
  }
  return text;
}

// One line, without blanks at its ends or more than one between words.
std::string in_one_line(std::string_view text, std::size_t most) {
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20;
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if (line.size() == most) break;
    line += blank ? ' ' : c;
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string words_of(std::string_view body) {
  Answer answer;
  read_answer_body(body, answer);
  if (!answer.message.empty()) return answer.message;
  constexpr std::size_t enough = 80;
  constexpr std::size_t looked_at = 4096;
  const std::string_view begin = body.substr(0, looked_at);
  const std::size_t first = begin.find_first_not_of(" \t\r\n");
  const bool markup = first != std::string_view::npos && begin[first] == '<';
  return in_one_line(markup ? text_of_markup(begin) : begin, enough);
}

std::string said(int status, std::string_view words) {
  const bool blank = words.find_first_not_of(' ') == std::string_view::npos;
  const std::string number = std::to_string(status);
  // As the pages of front ends say it.
  if (words.starts_with(number + " ")) return std::string(words);
  const bool empty = blank || words == number;
  return number + " " + (empty ? "without a reason" : std::string(words));
}

Result<std::vector<Answer>> parse_batch(std::string_view body, std::size_t expected,
                                        bool of_nobody) {
  json::Cursor cursor(body);
  json::ObjectReader reader(cursor);
  std::optional<std::vector<Answer>> answers;
  for (std::string_view key; reader.next_key(key);) {
    if (key != "responses") {
      cursor.value();
      continue;
    }
    if (answers) return Error(Errc::not_kinto, "a batch answer that has 'responses' twice");
    auto parsed = parse_answers(cursor, expected);
    if (!parsed) return parsed.error();
    answers = std::move(*parsed);
  }
  if (!reader.ok() || !cursor.ended()) {
    return Error(Errc::not_kinto, "a batch answer that is cut or no JSON");
  }
  if (!answers) return Error(Errc::not_kinto, "a batch answer without 'responses'");
  for (Answer& answer : *answers) {
    if (of_nobody && answer.status == unauthorized) answer.status = forbidden;
  }
  return std::move(*answers);
}

}  // namespace kinto_mirror::kinto
