#include "selftest/dependencies.hpp"

#include "selftest/client.hpp"
#include "selftest/random.hpp"
#include "sync/decide/scope.hpp"

#include <cstdlib>
#include <optional>
#include <ostream>
#include <string>

namespace kinto_mirror::selftest {

namespace {

// Clocks that differ by less are no matter: `Date` counts whole seconds.
constexpr std::int64_t tolerated_seconds = 5;
// Kinto refuses `_since` a day or more ahead of its own clock, so readers could not follow a
// replica that holds such stamps.
constexpr std::int64_t fatal_seconds = std::int64_t{23} * 3600;

struct Side {
  Side(const std::string& role, const Endpoint& endpoint, const Settings& settings,
       const Interrupt& interrupt)
      : url_setting("--" + role),
        auth_setting("--" + role + "-auth"),
        anonymous(endpoint.authorization.empty()),
        client(endpoint, settings.user_agent, &interrupt, Patience::short_) {
    // No flag can mean one of several replicas.
    if (role != "replica" || settings.replicas.size() < 2) return;
    url_setting = "the url of its [[replica]]";
    auth_setting = "the auth of its [[replica]]";
  }

  [[nodiscard]] std::string label() const { return client.name() + " " + client.url(); }

  // What an operator would mend.
  std::string url_setting;
  std::string auth_setting;
  bool anonymous;
  Client client;
  kinto::Hello hello;
};

class Check {
 public:
  Check(const Settings& settings, const Interrupt& interrupt, std::ostream& out)
      : master_("master", settings.master, settings, interrupt),
        replica_("replica", settings.replica, settings, interrupt),
        out_(out) {}

  Result<void> run() {
    for (Side* side : {&master_, &replica_}) greet(*side);
    if (!error_) check_writable();
    if (!error_) check_permissions();
    if (!error_) check_clocks();
    // Last, since it asks for a write that must fail; and the replica first, since its user is more
    // likely to lack the right.
    if (!error_) check_rights(replica_);
    if (!error_) check_rights(master_);
    if (!error_) check_two_servers();
    if (error_) return *error_;
    return success();
  }

 private:
  void say_ok(const std::string& finding) { out_ << "ok    " << finding << '\n' << std::flush; }

  void fail(Error error) {
    out_ << "FAIL  " << error.message << '\n' << std::flush;
    if (!error_) error_ = std::move(error);
  }

  void greet(Side& side) {
    auto hello = side.client.hello();
    if (!hello) {
      Error error = hello.error();
      if (error.code == Errc::credentials) error.message += " (" + side.auth_setting + ")";
      if (error.code == Errc::failing) error.message += "; its own log says why";
      if (error.code == Errc::unreachable || error.code == Errc::not_kinto) {
        error.message += " (" + side.url_setting + ")";
      }
      return fail(std::move(error));
    }
    side.hello = *hello;
    say_ok(side.label() + ": Kinto " + hello->version);
    if (side.anonymous) return say_ok(side.label() + ": no credentials are configured");
    if (hello->authenticated) return say_ok(side.label() + ": the credentials are accepted");
    fail(Error(Errc::credentials,
               side.label() + ": the credentials are refused; check " + side.auth_setting));
  }

  void check_writable() {
    for (Side* side : {&master_, &replica_}) {
      if (!side->hello.read_only) continue;
      return fail(Error(Errc::read_only, side->label() +
                                             ": is a read-only node; give the URL of the "
                                             "writable one behind it with " +
                                             side->url_setting));
    }
    say_ok(replica_.label() + ": takes writes");
  }

  // Who creates an object there gets no right to it of his own, so that the scenarios could not
  // even see what they made.
  void check_permissions() {
    for (Side* side : {&master_, &replica_}) {
      if (!side->hello.hides_permissions) continue;
      return fail(Error(Errc::forbidden,
                        side->label() +
                            ": gives no rights to who creates a bucket (explicit_permissions = "
                            "false), so that the scenarios cannot work in buckets of their own; "
                            "test a server with kinto.explicit_permissions = true"));
    }
  }

  void check_clocks() {
    const std::int64_t ahead = (master_.hello.date.ms - replica_.hello.date.ms) / 1000;
    const std::string apart = std::to_string(std::abs(ahead)) + " s";
    const std::string text = "clocks: the master's is " + apart +
                             (ahead < 0 ? " behind" : " ahead of") + " the replica's";
    if (ahead >= fatal_seconds) {
      return fail(Error(Errc::config, text + " (" + replica_.label() +
                                          "): readers could not follow the replica; set them "
                                          "right, with NTP for instance"));
    }
    if (std::abs(ahead) > tolerated_seconds) {
      out_ << "warn  " << text << "; they should agree\n" << std::flush;
    } else {
      say_ok("clocks: " + apart + " apart");
    }
  }

  // Kinto looks at rights before preconditions, and no bucket has the stamp 1: so 412 says that the
  // user may create this bucket, and nothing is created.
  void check_rights(Side& side) {
    kinto::Subrequest probe("PUT",
                            "/buckets/" + std::string(sync::selftest_prefix) + unique_suffix());
    probe.guard = kinto::Subrequest::Guard::if_stamp;
    probe.guard_stamp = Stamp{1};
    const std::string path = probe.path;
    const auto answer = side.client.ask(std::move(probe));
    if (!answer) {
      Error error = answer.error();
      if (error.code == Errc::credentials) error.message += " (" + side.auth_setting + ")";
      return fail(std::move(error));
    }
    if (answer->status < 300) {
      // Something in between drops preconditions, which the engine cannot do without.
      static_cast<void>(side.client.ask(kinto::Subrequest("DELETE", path)));
      return fail(Error(Errc::not_kinto,
                        side.label() + ": ignores If-Match; does a proxy in front of it drop it?"));
    }
    if (answer->status == 412) return say_ok(side.label() + ": buckets may be created");
    fail(refusal(side, *answer));
  }

  // What is made on the one must not stand on the other.
  void check_two_servers() {
    const std::string path = "/buckets/" + std::string(sync::selftest_prefix) + unique_suffix();
    const auto made = replica_.client.ask(kinto::Subrequest("PUT", path));
    if (!made) return fail(made.error());
    if (made->status >= 300) return fail(refusal(replica_, *made));
    const auto seen = master_.client.ask(kinto::Subrequest("GET", path));
    const auto removed = replica_.client.ask(kinto::Subrequest("DELETE", path));
    if (!seen) return fail(seen.error());
    if (!removed) return fail(removed.error());
    if (seen->status != 200) return say_ok("master and replica: two servers");
    fail(Error(Errc::config, master_.label() + " and " + replica_.label() +
                                 " are one and the same server, under two addresses; give another "
                                 "one with " +
                                 master_.url_setting + " or " + replica_.url_setting));
  }

  static Error refusal(const Side& side, const kinto::Answer& answer) {
    const std::string said = side.label() +
                             ": creating a bucket: " + std::to_string(answer.status) + " " +
                             answer.message;
    if (answer.status == 403) {
      return {Errc::forbidden,
              said +
                  "; its user needs the right to create buckets: see "
                  "kinto.bucket_create_principals in the server's configuration",
              answer.status};
    }
    if (answer.status == 405) {
      return {Errc::read_only, said + "; give the URL of a writable node with " + side.url_setting,
              answer.status};
    }
    return {answer.status >= 500 ? Errc::failing : Errc::rejected, said, answer.status};
  }

  Side master_;
  Side replica_;
  std::ostream& out_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> check_dependencies(const Settings& settings, const Interrupt& interrupt,
                                std::ostream& out) {
  Check check(settings, interrupt, out);
  return check.run();
}

}  // namespace kinto_mirror::selftest
