#include "daemon/status/ask.hpp"

#include "daemon/control/ask.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/status/listen.hpp"
#include "daemon/status/same_servers.hpp"
#include "daemon/status/status_table.hpp"
#include "daemon/text.hpp"
#include "http/beast_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <exception>
#include <optional>
#include <ostream>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

Task<void> exchange(http::Transport& transport, const http::Request& request,
                    Result<http::Response>& answer) {
  answer = co_await transport.exchange(request);
  transport.abort();  // an idle connection would keep the context busy
}

Result<http::Response> ask_at_address(const Config& config, const std::string& path) {
  const auto address = asked_address(config);
  if (!address) return address.error();
  boost::asio::io_context context;
  http::TransportConfig limits;
  limits.connect_timeout = Millis{3'000};
  limits.write_timeout = Millis{3'000};
  limits.header_timeout = Millis{8'000};
  limits.progress_timeout = Millis{5'000};
  limits.answer_timeout = Millis{10'000};
  const http::Origin origin{false, address->host, std::to_string(address->port)};
  const auto transport = http::make_transport(context.get_executor(), origin, std::move(limits));
  http::Request request("GET", path);
  const std::string& token = config.page_token.token;
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  Result<http::Response> answer = Error(Errc::internal, "not asked");
  boost::asio::co_spawn(context, exchange(*transport, request, answer),
                        [](const std::exception_ptr& error) {
                          if (error) std::rethrow_exception(error);
                        });
  context.run();
  if (answer) return answer;
  return Error(answer.error().code,
               "no daemon answers at " + address_text(address->host, address->port) +
                   " (--listen, KINTO_MIRROR_LISTEN): " + answer.error().message);
}

struct Heard {
  int status = 0;
  std::string body;
  std::string remark;  // empty where all is as it should be
};

// A daemon that listens elsewhere, since its configuration was changed, or not at all, still has
// its control socket.
Result<Heard> ask(const Config& config, const std::string& path) {
  auto answer = ask_at_address(config, path);
  if (answer) return Heard{answer->status, std::move(answer->body), ""};
  const Errc why = answer.error().code;
  const bool elsewhere = why == Errc::unreachable || why == Errc::config;
  if (!elsewhere || config.control.empty()) return answer.error();
  auto told = page_over_socket(config, path);
  if (!told) return answer.error();
  return Heard{told->status, std::move(told->body),
               answer.error().message + "; this is what it tells at its socket " + config.control +
                   ": a `listen` that was changed counts from the daemon's next start on"};
}

// Where the daemon does not tell, since it has a token.
std::optional<std::string> wants_token(const Config& config, const Heard& answer) {
  if (answer.status != 401) return std::nullopt;
  const bool given = !config.page_token.file.empty();
  return given ? "the daemon refuses the token in " + config.page_token.file +
                     "; give its own with --status-token-file"
               : "the daemon asks for a token; give --status-token-file FILE or "
                 "KINTO_MIRROR_STATUS_TOKEN_FILE, as it has it";
}

// What says that the daemon is another one than the configuration means.
std::optional<std::string> stranger(const Config& config, std::string_view body) {
  const auto told = told_servers(body);
  const auto address = asked_address(config);
  if (!told || !address) return std::nullopt;
  return other_servers(config, address_text(address->host, address->port), *told);
}

std::string text_of(const json::value& object, std::string_view key) {
  const json::value* found = object.is_object() ? object.as_object().if_contains(key) : nullptr;
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

}  // namespace

std::string health_line(int status, std::string_view body) {
  const bool ok = status == 200;
  std::string line;
  boost::system::error_code error;
  const json::value health = json::parse(json::string_view(body.data(), body.size()), error);
  const json::value* details =
      !error && health.is_object() ? health.get_object().if_contains("details") : nullptr;
  if (details != nullptr && details->is_object()) {
    for (const auto& [name, detail] : details->get_object()) {
      const std::string what =
          ok ? std::string(name) + " " + text_of(detail, "url") : text_of(detail, "error");
      if (!what.empty()) line += (line.empty() ? "" : "; ") + what;
    }
  }
  if (line.empty() && !ok) line = "the heartbeat answers " + std::to_string(status);
  return (ok ? "healthy: " : "unhealthy: ") + printable(line);
}

int healthcheck(const Config& config, std::ostream& out) {
  const auto answer = ask(config, "/__heartbeat__");
  if (!answer) {
    out << "unhealthy: " << printable(answer.error().message) << "\n";
    return 1;
  }
  if (const auto refused = wants_token(config, *answer)) {
    out << "unhealthy: " << printable(*refused) << "\n";
    return 1;
  }
  if (const auto other = stranger(config, answer->body)) {
    out << "unhealthy: " << *other << "\n";
    return 1;
  }
  out << health_line(answer->status, answer->body) << "\n";
  return answer->status == 200 ? 0 : 1;
}

int status(const Config& config, std::ostream& out, std::ostream& err) {
  const auto answer = ask(config, "/status");
  if (!answer) {
    err << "kinto-mirror: " << printable(answer.error().message) << "\n";
    return to_int(exit_code_of(answer.error().code));
  }
  if (const auto refused = wants_token(config, *answer)) {
    err << "kinto-mirror: " << printable(*refused) << "\n";
    return to_int(ExitCode::no_permission);
  }
  Result<std::string> table = Error();
  if (answer->status == 200) table = status_table(answer->body);
  if (!table) {
    err << "kinto-mirror: what answers at --listen is no kinto-mirror (status " << answer->status
        << ")\n";
    return to_int(ExitCode::unavailable);
  }
  if (const auto other = stranger(config, answer->body)) {
    err << "kinto-mirror: " << *other << "\n";
    return to_int(ExitCode::unavailable);
  }
  if (!answer->remark.empty()) {
    err << "kinto-mirror: " << printable(answer->remark) << "\n";
  }
  out << (config.json ? answer->body : *table);
  return to_int(ExitCode::ok);
}

}  // namespace kinto_mirror::daemon
