#pragma once
// A transport that listens in: it notes what is written, lets a scenario act at a chosen moment of
// a pass, and makes pages small.

#include "http/transport.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// Shared by a scenario and the transport of one server; outlives the transport.
struct Wire {
  // Called before a request goes out, which waits: nothing of the pass happens meanwhile but
  // answers that are on their way. What it throws is kept in `error`.
  std::function<void(const http::Request&)> before;
  std::int64_t page_limit = 0;  // records a page at most; 0: as many as are asked for

  std::vector<std::string> writes;  // "PUT /buckets/b/...", each part of a batch by itself
  int record_pages = 0;             // listings of records that were asked for
  std::exception_ptr error;
};

// What `request` writes, in the form of Wire::writes. Pure.
std::vector<std::string> writes_of(const http::Request& request);

// A listing of a collection's records.
bool lists_records(const http::Request& request);

// `target` with `_limit` at most `limit`. Pure.
std::string with_page_limit(std::string target, std::int64_t limit);

std::unique_ptr<http::Transport> tapped(std::unique_ptr<http::Transport> transport, Wire& wire);

}  // namespace kinto_mirror::selftest
