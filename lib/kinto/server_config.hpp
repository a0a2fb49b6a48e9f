#pragma once
// How a server is reached, and how its failures are worded.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "kinto/retry.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace kinto_mirror::kinto {

// Longer than a request takes, unless something is wrong.
inline constexpr Millis usual_gather{500};
// Of a master with several replicas: longer than they are apart, and no time to a reader.
inline constexpr Millis usual_linger{100};

struct ServerConfig {
  std::string name;           // "master", "replica": how messages call it
  std::string url;            // without credentials, for messages
  std::string base_path;      // "/v1"
  std::string authorization;  // value of the Authorization header, may be empty
  RetryPolicy retry;
  // How long a small read waits for one that is under way, to share a batch with others that come
  // meanwhile; 0: each goes by itself. None goes together with a write.
  Millis gather{0};
  // Reads wait for the next stroke of this beat, for others who want the same, or go along: those
  // of several replicas, which it keeps in step; 0: nobody else comes.
  Millis linger{0};
  // Told of what is worth knowing and no failure, each once; may be empty.
  std::function<void(const std::string& message)> notice;
};

// A failure of this server: "master http://m/v1: GET /buckets: 403 Forbidden".
inline Error error_of(const ServerConfig& server, Errc code, std::string_view what,
                      int status = 0) {
  Error error(code, server.name + " " + server.url + ": " + std::string(what), status);
  error.server = server.name;
  return error;
}

}  // namespace kinto_mirror::kinto
