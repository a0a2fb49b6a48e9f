#include "daemon/status/server_check.hpp"

#include "sync/run/single_run.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

struct Subject {
  Role role;
  std::shared_ptr<kinto::Server> asked;
  const kinto::Server& working;
  std::optional<Result<void>> last;

  Subject(Role role_, std::shared_ptr<kinto::Server> asked_, const kinto::Server& working_)
      : role(role_), asked(std::move(asked_)), working(working_) {}
};

Error refused_credentials(const Subject& subject) {
  const std::string flag = subject.role == Role::master ? "master" : "replica";
  return kinto::error_of(subject.asked->config(), Errc::credentials,
                         "401, the credentials are refused; check --" + flag + "-auth");
}

// Anybody may read Kinto's root, whatever the credentials: only a request for data is refused.
ResultTask<void> ask(const Subject& subject) {
  kinto::Server& server = *subject.asked;
  auto hello = co_await server.hello();
  if (!hello) co_return hello.error();
  if (subject.role == Role::replica && hello->read_only) {
    co_return kinto::error_of(server.config(), Errc::read_only,
                              "is a read-only node; give the URL of the writable one behind it");
  }
  if (server.config().authorization.empty()) co_return success();
  // A server that works may ask for a rest (Backoff) with every answer: this one must do then.
  if (server.resting_for() > Millis{0}) {
    co_return hello->authenticated ? success() : Result<void>(refused_credentials(subject));
  }
  auto counted = co_await server.count("/buckets");
  if (counted) co_return success();
  const Error& error = counted.error();
  if (error.code == Errc::credentials) co_return refused_credentials(subject);
  // What this user may not list is no matter of the server's health.
  if (!sync::concerns_server(error.code)) co_return success();
  co_return error;
}

ResultTask<void> ask_politely(std::shared_ptr<Subject> subject) {
  const bool resting =
      std::max(subject->asked->resting_for(), subject->working.closed_for()) > Millis{0};
  if (resting && subject->last) co_return *subject->last;
  Result<void> done = co_await ask(*subject);
  subject->last = done;
  co_return done;
}

}  // namespace

HealthCheck server_check(Role role, std::shared_ptr<kinto::Server> asked,
                         const kinto::Server& working) {
  HealthCheck check;
  check.name = asked->config().name;
  check.url = asked->config().url;
  check.ask = [subject = std::make_shared<Subject>(role, std::move(asked), working)] {
    return ask_politely(subject);
  };
  return check;
}

}  // namespace kinto_mirror::daemon
