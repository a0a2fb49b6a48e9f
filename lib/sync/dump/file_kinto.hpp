#pragma once
// A file that stands as a read-only Kinto: whoever copies from a server copies from it, by the same
// requests and under the same guards.

#include "http/transport.hpp"
#include "sync/dump/contents.hpp"
#include "sync/dump/question.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kinto_mirror::sync::dump {

// Answers what a kinto::Server asks of a read-only Kinto: the greeting, counts, lists of any
// endpoint, and single objects; without batches (405), as read-only nodes do. Its clock stands at
// the time of the dump, so that a checkpoint which is made of its answers tells no more than the
// file knows. The identity of a server (write/identity.hpp) it refuses to tell, since it is none:
// nothing is written to find that out.
//
// Errors: rejected, where the file cannot be read, or is not any more what was verified.
class FileKinto final : public http::Transport {
 public:
  explicit FileKinto(Contents contents);

  ResultTask<http::Response> exchange(const http::Request& request) override;
  void abort() override {}
  [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

 private:
  Result<http::Response> answer(const http::Request& request) const;
  Result<http::Response> list(const Endpoint& endpoint, const Question& question) const;
  [[nodiscard]] bool holds_below(const std::string& path) const;
  Result<http::Response> object(const std::string& path) const;
  [[nodiscard]] http::Response count(const Endpoint& endpoint, const Question& question) const;
  [[nodiscard]] http::Response made(int status, std::string body) const;
  [[nodiscard]] http::Response refused(int status, int number, std::string_view message) const;
  Result<void> append(const Shelf& shelf, std::size_t place, bool stamps_only,
                      std::string& out) const;
  Result<void> append(const Slice& slice, std::string& out) const;
  [[nodiscard]] Result<void> is_unchanged() const;

  Contents contents_;
  std::string date_;  // of each answer
  std::int64_t size_ = 0;
  std::int64_t changed_ = 0;  // when, in nanoseconds, as the file system has it
  http::Origin origin_{false, "file", "0"};
};

}  // namespace kinto_mirror::sync::dump
