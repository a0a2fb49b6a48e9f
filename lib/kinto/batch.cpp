#include "kinto/batch.hpp"

#include "base/json_slice.hpp"
#include "kinto/page.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

std::optional<Stamp> stamp_in(std::string_view object) {
  const auto value = json::member(object, "last_modified");
  if (!value) return std::nullopt;
  const auto ms = json::to_int(*value);
  if (!ms) return std::nullopt;
  return Stamp{*ms};
}

void read_headers(std::string_view headers, Answer& answer) {
  json::ObjectReader reader(headers);
  for (json::Member member; reader.next(member);) {
    const auto text = json::to_string(member.value);
    if (!text) continue;
    if (member.key == "ETag") answer.etag = parse_etag(*text);
    if (member.key == "Total-Objects") answer.total = json::to_int(*text);
  }
}

Result<Answer> parse_answer(std::string_view object) {
  Answer answer;
  json::ObjectReader reader(object);
  for (json::Member member; reader.next(member);) {
    if (member.key == "status") {
      answer.status = static_cast<int>(json::to_int(member.value).value_or(0));
    } else if (member.key == "headers") {
      read_headers(member.value, answer);
    } else if (member.key == "body") {
      read_answer_body(member.value, answer);
    }
  }
  if (!reader.ok() || answer.status < 100 || answer.status > 599) {
    return Error(Errc::not_kinto, "a batch answer without a status");
  }
  return answer;
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
      return Header("If-Match", "\"" + std::to_string(guard_stamp.ms) + "\"");
  }
  return std::nullopt;
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
      out += ",\"body\":{\"data\":";
      out += request.data;
      out += "}";
    }
    out += "}";
  }
  out += "]}";
  return out;
}

void read_answer_body(std::string_view body, Answer& answer) {
  json::ObjectReader reader(body);
  for (json::Member member; reader.next(member);) {
    if (member.key == "data") {
      answer.stamp = stamp_in(member.value);
    } else if (member.key == "message") {
      auto text = json::to_string(member.value);
      if (text && !text->empty()) answer.message = std::move(*text);
    } else if (member.key == "error" && answer.message.empty()) {
      answer.message = json::to_string(member.value).value_or(std::string());
    } else if (member.key == "details") {
      if (const auto existing = json::member(member.value, "existing")) {
        answer.existing = stamp_in(*existing);
      }
    }
  }
}

std::string words_of(std::string_view body) {
  Answer answer;
  read_answer_body(body, answer);
  if (!answer.message.empty()) return answer.message;
  constexpr std::size_t enough = 80;
  std::string words(body.substr(0, enough));
  std::ranges::replace_if(
      words, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return words;
}

Result<std::vector<Answer>> parse_batch(std::string_view body, std::size_t expected) {
  const auto whole = json::whole_value(body);
  if (!whole) return Error(Errc::not_kinto, "a batch answer that is cut or no JSON");
  const auto responses = json::member(*whole, "responses");
  if (!responses) return Error(Errc::not_kinto, "a batch answer without 'responses'");
  std::vector<Answer> answers;
  answers.reserve(expected);
  json::ArrayReader reader(*responses);
  for (std::string_view object; reader.next(object);) {
    auto answer = parse_answer(object);
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

}  // namespace kinto_mirror::kinto
