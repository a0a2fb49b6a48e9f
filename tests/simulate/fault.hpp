#pragma once
// What may happen to one request on its way, and to its answer.

#include <array>
#include <string_view>

namespace kinto_mirror::simulate {

enum class Fault {
  none,
  refused,         // no connection
  lost_request,    // silence
  lost_answer,     // carried out, and the connection breaks
  late_answer,     // carried out, but the answer comes after the deadline
  late_request,    // abandoned at the deadline, carried out long after
  duplicate,       // carried out twice, the second time later
  slow,            // some seconds
  cut_body,        // half of the answer, complete as HTTP
  html,            // 200 with a page that is not Kinto's
  no_etag,         // the answer lacks its ETag
  odd_etag,        // an ETag that is no stamp
  next_elsewhere,  // Next-Page names another host
  backoff,         // a good answer that asks for peace
  status_401,
  status_403,
  status_404,
  status_408,
  status_413,
  status_429,
  status_500,
  status_502,
  status_503,
  status_504,
  part_fails,  // one request of a batch is answered with an error instead of being carried out
  stale,       // a cache's answer of some time ago
  limited,     // refused by a limiter of rates
  locked,      // a write that another transaction keeps waiting, until it is given up
};

// Those that come by chance.
inline constexpr std::array all_faults{
    Fault::refused,      Fault::lost_request, Fault::lost_answer, Fault::late_answer,
    Fault::late_request, Fault::duplicate,    Fault::slow,        Fault::cut_body,
    Fault::html,         Fault::no_etag,      Fault::odd_etag,    Fault::next_elsewhere,
    Fault::backoff,      Fault::status_401,   Fault::status_403,  Fault::status_404,
    Fault::status_408,   Fault::status_413,   Fault::status_429,  Fault::status_500,
    Fault::status_502,   Fault::status_503,   Fault::status_504,  Fault::part_fails};

constexpr std::string_view name_of(Fault fault) noexcept {
  constexpr std::array<std::string_view, 28> names{"none",
                                                   "refused",
                                                   "lost-request",
                                                   "lost-answer",
                                                   "late-answer",
                                                   "late-request",
                                                   "duplicate",
                                                   "slow",
                                                   "cut-body",
                                                   "html",
                                                   "no-etag",
                                                   "odd-etag",
                                                   "next-elsewhere",
                                                   "backoff",
                                                   "401",
                                                   "403",
                                                   "404",
                                                   "408",
                                                   "413",
                                                   "429",
                                                   "500",
                                                   "502",
                                                   "503",
                                                   "504",
                                                   "part-fails",
                                                   "stale",
                                                   "limited",
                                                   "locked"};
  return names[static_cast<std::size_t>(fault)];
}

// The status that a server or something in front of it gives; 0 for the other faults.
constexpr int status_of(Fault fault) noexcept {
  constexpr std::array statuses{401, 403, 404, 408, 413, 429, 500, 502, 503, 504};
  const int place = static_cast<int>(fault) - static_cast<int>(Fault::status_401);
  return place < 0 || place >= static_cast<int>(statuses.size())
             ? 0
             : statuses[static_cast<std::size_t>(place)];
}

}  // namespace kinto_mirror::simulate
