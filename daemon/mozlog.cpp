#include "daemon/mozlog.hpp"

#include "daemon/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cmath>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

namespace json = boost::json;

int severity_of(Level level) {
  switch (level) {
    case Level::trace:
    case Level::debug:
      return 7;
    case Level::info:
      return 6;
    case Level::warning:
      return 4;
    case Level::error:
      return 3;
  }
  return 3;
}

struct ToJson {
  json::value operator()(const std::string& value) const {
    return json::string(to_valid_utf8(value));
  }
  json::value operator()(std::int64_t value) const { return value; }
  // JSON has no word for infinity.
  json::value operator()(double value) const {
    return std::isfinite(value) ? json::value(value) : json::value(nullptr);
  }
  json::value operator()(bool value) const { return value; }
};

}  // namespace

Process Process::current() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) name[0] = '\0';
  return {name.data(), static_cast<std::int64_t>(::getpid())};
}

std::string mozlog_line(const Event& event, const Process& process) {
  using std::chrono::nanoseconds;
  json::object line;
  line["Timestamp"] =
      std::chrono::duration_cast<nanoseconds>(event.time.time_since_epoch()).count();
  line["Type"] = to_valid_utf8(event.type);
  line["Logger"] = "kinto-mirror";
  line["Hostname"] = to_valid_utf8(process.hostname);
  line["EnvVersion"] = "2.0";
  line["Severity"] = severity_of(event.level);
  line["Pid"] = process.pid;
  json::object fields;
  fields["msg"] = to_valid_utf8(event.message);
  for (const Field& field : event.fields) {
    fields[to_valid_utf8(field.key)] = std::visit(ToJson{}, field.value);
  }
  line["Fields"] = std::move(fields);
  return json::serialize(line);
}

}  // namespace kinto_mirror::daemon
