#pragma once
// Kinto's batch: many small requests in one, answered in order.

#include "base/error.hpp"
#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::kinto {

// One request of a batch, or one sent alone.
struct Subrequest {
  enum class Guard {
    none,
    if_absent,  // If-None-Match: *
    if_stamp,   // If-Match: "guard_stamp"
  };

  std::string method;
  std::string path;  // below the API's root, percent-encoded: "/buckets/b/collections/c/records/r"
  std::string data;  // JSON bytes that become the body {"data": ...}; empty: no body
  // JSON bytes beside `data`: {"data": ..., "permissions": ...}; empty: Kinto leaves them alone.
  std::string permissions;
  Guard guard = Guard::none;
  Stamp guard_stamp;

  Subrequest(std::string method_, std::string path_)
      : method(std::move(method_)), path(std::move(path_)) {}

  // Kinto answers 400 to a whole batch in which any path contains "/batch" (hazard 16).
  [[nodiscard]] bool must_go_alone() const { return path.find("/batch") != std::string::npos; }

  // Name and value of the guard's header; nothing for Guard::none.
  [[nodiscard]] std::optional<std::pair<std::string, std::string>> guard_header() const;

  // REQUIRES: `data` is not empty.
  void append_body(std::string& out) const;

  // Bytes that this adds to a batch's body, a little rounded up.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return data.size() + permissions.size() + path.size() + 144;
  }
};

// What the server said to one of them.
struct Answer {
  int status = 0;
  std::string message;         // the server's own words on a failure
  int error_number = 0;        // Kinto's `errno`; 0: none, as of a failure that is not Kinto's own
  std::string permissions;     // of a success, in JSON; {} for whoever is not in their `write`
  std::optional<Stamp> stamp;  // `data.last_modified` of a success
  std::optional<Stamp> existing;  // 412: `details.existing.last_modified`
  std::optional<Stamp> etag;
  std::string odd_etag;  // what the ETag is instead, where it is no stamp
  // Total-Objects of a HEAD (Total-Records up to Kinto 13): live records.
  std::optional<std::int64_t> total;
  std::string rows;    // of a list: its `data`, an array in JSON
  std::string object;  // of a GET of one object: its `data`, an object in JSON
  bool more = false;   // ... which has a Next-Page
  // Something in front of Kinto refuses this. Never of a part of a batch: only Kinto answers those.
  bool in_front = false;
};

// The body of POST /batch. Paths stay below the API's root: Kinto adds its own version prefix, and
// a prefix that a reverse proxy adds is unknown to it.
std::string batch_body(const std::vector<Subrequest>& requests);

// Cuts the answer to a batch of `expected` requests. Errc::not_kinto when it is anything else.
// `of_nobody`: it was sent without credentials, so that a 401 is what a 403 is to others.
Result<std::vector<Answer>> parse_batch(std::string_view body, std::size_t expected,
                                        bool of_nobody = false);

// Takes the value of an ETag header.
void read_etag(std::string_view header, Answer& answer);

// What is wrong with such an ETag: 'an ETag that is no stamp: "abc"'.
Error no_stamp(std::string_view etag);

// What the body of one (sub)answer says.
void read_answer_body(std::string_view body, Answer& answer);

// The server's own words on a failure: Kinto's `message`, or the beginning of whatever it sent.
std::string words_of(std::string_view body);

// A status and the server's words, for messages: "404 gone", "503 without a reason".
std::string said(int status, std::string_view words);

}  // namespace kinto_mirror::kinto
