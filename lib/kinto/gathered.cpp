#include "kinto/gathered.hpp"

#include "base/json_slice.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::kinto {

namespace {

using Parts = std::vector<std::string_view>;

Error no_answer() {
  return {Errc::not_kinto, "a shared batch without an answer to each of its requests"};
}

std::optional<Parts> parts_of(std::string_view body) {
  const auto whole = json::whole_value(body);
  const auto list = whole ? json::member(*whole, "responses") : std::nullopt;
  if (!list) return std::nullopt;
  Parts parts;
  json::ArrayReader reader(*list);
  for (std::string_view part; reader.next(part);) parts.push_back(part);
  if (!reader.ok()) return std::nullopt;
  return parts;
}

// Date and what else concerns the whole, with these parts.
Reply as_batch(const Reply& whole, const Parts& parts) {
  Reply reply;
  reply.status = whole.status;
  reply.headers = whole.headers;
  reply.took = whole.took;
  reply.shared = true;
  reply.body = "{\"responses\":[";
  for (const std::string_view part : parts) {
    if (reply.body.back() != '[') reply.body += ',';
    reply.body += part;
  }
  reply.body += "]}";
  return reply;
}

std::optional<Reply> as_plain(const Reply& whole, std::string_view part) {
  Reply reply;
  reply.took = whole.took;
  reply.shared = true;
  json::ObjectReader members(part);
  for (json::Member member; members.next(member);) {
    if (member.key == "status") {
      reply.status = json::to_small_int(member.value);
    } else if (member.key == "body") {
      reply.body = member.value;
    } else if (member.key == "headers") {
      json::ObjectReader headers(member.value);
      for (json::Member header; headers.next(header);) {
        auto value = json::to_string(header.value);
        if (value) reply.headers.emplace_back(header.key, std::move(*value));
      }
    }
  }
  if (!members.ok() || reply.status < 100 || reply.status > 599) return std::nullopt;
  const auto date = http::find_header(whole.headers, "Date");
  if (date && !http::find_header(reply.headers, "Date")) reply.headers.emplace_back("Date", *date);
  return reply;
}

bool undoes_others(std::string_view part) {
  constexpr std::int64_t conflict = 409;
  const auto member = json::member(part, "status");
  const auto status = member ? json::to_int(*member) : std::nullopt;
  return !status || *status == conflict || *status >= 500;
}

}  // namespace

Result<std::vector<Reply>> cut_batch(const Reply& whole, const std::vector<Share>& shares,
                                     Shared kind) {
  const auto parts = whole.status == 200 ? parts_of(whole.body) : std::nullopt;
  if (!parts) return no_answer();
  std::size_t expected = 0;
  for (const Share& share : shares) {
    for (const std::size_t place : share.parts) expected = std::max(expected, place + 1);
  }
  if (parts->size() != expected) return no_answer();
  if (kind == Shared::writes && std::ranges::any_of(*parts, undoes_others)) {
    return Error(Errc::conflict, "a shared batch in which one request may have undone others");
  }
  std::vector<Reply> replies;
  replies.reserve(shares.size());
  for (const Share& share : shares) {
    if (share.plain) {
      auto reply = as_plain(whole, (*parts)[share.parts.front()]);
      if (!reply) return no_answer();
      replies.push_back(std::move(*reply));
    } else {
      Parts own;
      for (const std::size_t place : share.parts) own.push_back((*parts)[place]);
      replies.push_back(as_batch(whole, own));
    }
  }
  return replies;
}

}  // namespace kinto_mirror::kinto
