#pragma once
// A transport whose credentials may be replaced, and whose failures are told at once.

#include "base/clock.hpp"
#include "daemon/credentials_file.hpp"
#include "daemon/server_trouble.hpp"
#include "http/transport.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kinto_mirror::daemon {

class WatchedTransport final : public http::Transport {
 public:
  // `tells`: whether its failures are logged. `clock` outlives it.
  WatchedTransport(std::unique_ptr<http::Transport> inner, std::string name,
                   std::shared_ptr<CredentialsFile> credentials, const Clock& clock, bool tells)
      : inner_(std::move(inner)),
        name_(std::move(name)),
        credentials_(std::move(credentials)),
        clock_(clock),
        tells_(tells) {}

  // Where the credentials are refused (401) and the file of `auth_file` has other ones by now, the
  // request is sent once more, with those.
  ResultTask<http::Response> exchange(const http::Request& request) override;
  void abort() override { inner_->abort(); }
  [[nodiscard]] const http::Origin& origin() const noexcept override { return inner_->origin(); }

 private:
  ResultTask<http::Response> authorized(const http::Request& request);
  void judge(const http::Request& request, const Result<http::Response>& answer);
  void tell_unusable(const Error& error) const;
  void tell_begin(const http::Request& request, const Result<http::Response>& answer) const;

  std::unique_ptr<http::Transport> inner_;
  std::string name_;
  std::shared_ptr<CredentialsFile> credentials_;
  const Clock& clock_;
  bool tells_;
  ServerTrouble trouble_;
};

}  // namespace kinto_mirror::daemon
