#include "daemon/values.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace kinto_mirror::daemon {

namespace {

Error refused(std::string reason) {
  return Error(Errc::config, std::move(reason));
}

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_of(std::string_view text, std::string_view also) {
  return std::ranges::all_of(
      text, [&](char c) { return is_alnum(c) || also.find(c) != std::string_view::npos; });
}

template <class T>
std::optional<T> to_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Why `glob` cannot stand for collections, or nothing.
std::optional<std::string> fault_of(std::string_view glob) {
  const std::string quoted = "\"" + std::string(glob) + "\"";
  const bool takes_out = glob.starts_with('!');
  if (takes_out) glob.remove_prefix(1);
  if (std::ranges::count(glob, '/') != 1 || glob.front() == '/' || glob.back() == '/') {
    return "holds " + quoted + ", which is not bucket/collection";
  }
  if (!all_of(glob, "/_*?-")) return "holds " + quoted + ", with a character that no id has";
  const std::string_view bucket = glob.substr(0, glob.find('/'));
  if (takes_out) return std::nullopt;  // what is never copied may be taken out as well
  if (bucket == "default") {
    return "holds " + quoted + ": \"default\" is an alias of each user's personal bucket, " +
           "which is another one on each server";
  }
  if (bucket == "kinto-mirror") {
    return "holds " + quoted + ": that bucket holds the daemon's own checkpoints";
  }
  return std::nullopt;
}

// A misspelt reader would be granted all the same, and nobody could read.
std::optional<std::string> fault_of_reader(std::string_view principal) {
  const std::string quoted = "\"" + std::string(principal) + "\"";
  if (const Result<void> checked = check_principal(principal); !checked) {
    return "holds " + quoted + ", which " + checked.error().message;
  }
  const bool known = principal.starts_with("/buckets/") ||
                     principal.find(':') != std::string_view::npos ||
                     principal.starts_with("system.");
  if (!known) return "holds " + quoted + ", which is no principal of Kinto's";
  return std::nullopt;
}

// The parts between commas, without blanks around them.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<std::vector<std::string>> parse_collections(std::string_view text) {
  std::vector<std::string> globs;
  for (const std::string_view glob : parts_of(text)) {
    if (glob.empty()) return refused("holds an empty name");
    if (auto fault = fault_of(glob)) return refused(std::move(*fault));
    globs.emplace_back(glob);
  }
  return globs;
}

Result<std::vector<std::string>> parse_readers(std::string_view text) {
  std::vector<std::string> readers;
  if (text.empty()) return readers;
  for (const std::string_view reader : parts_of(text)) {
    if (reader.empty()) return refused("holds an empty name");
    if (auto fault = fault_of_reader(reader)) return refused(std::move(*fault));
    if (std::ranges::find(readers, reader) == readers.end()) readers.emplace_back(reader);
  }
  return readers;
}

Result<void> check_principal(std::string_view text) {
  if (text.empty()) return refused("is empty");
  const bool blank =
      std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7F; });
  if (blank) return refused("holds a blank or a control character");
  const bool of_system = text.starts_with("system.");
  if (of_system && text != "system.Everyone" && text != "system.Authenticated") {
    return refused("is unknown to Kinto, which has system.Everyone and system.Authenticated");
  }
  return success();
}

Result<sync::Extras> parse_extras(std::string_view text) {
  if (text == "keep") return sync::Extras::keep;
  if (text == "delete") return sync::Extras::remove;
  return refused("is neither keep nor delete");
}

Result<sync::Metadata> parse_metadata(std::string_view text) {
  if (text == "follow") return sync::Metadata::follow;
  if (text == "create") return sync::Metadata::create;
  return refused("is neither follow nor create");
}

Result<sync::Permissions> parse_permissions(std::string_view text) {
  if (text == "keep") return sync::Permissions::keep;
  if (text == "read") return sync::Permissions::read;
  if (text == "copy") return sync::Permissions::copy;
  return refused("is neither keep nor read nor copy");
}

Result<sync::Groups> parse_groups(std::string_view text) {
  if (text == "keep") return sync::Groups::keep;
  if (text == "follow") return sync::Groups::follow;
  return refused("is neither keep nor follow");
}

Result<sync::Deletions> parse_deletions(std::string_view text) {
  if (text == "follow") return sync::Deletions::follow;
  if (text == "records") return sync::Deletions::records;
  return refused("is neither follow nor records");
}

Result<bool> parse_on_off(std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return refused("is neither on nor off");
}

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto number = to_number<std::int64_t>(text);
  if (!number) return refused("is not a whole number");
  if (*number < least) return refused("is less than " + std::to_string(least));
  if (*number > most) return refused("is more than " + std::to_string(most));
  return *number;
}

Result<int> parse_parallel(std::string_view text) {
  constexpr std::int64_t most = 64;
  const auto number = parse_integer(text, 1, most);
  if (!number) return number.error();
  return static_cast<int>(*number);
}

Result<sync::Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return refused("is not I/N");
  const auto count = to_number<std::uint32_t>(text.substr(slash + 1));
  const auto index = to_number<std::uint32_t>(text.substr(0, slash));
  if (!count || !index) return refused("is not two whole numbers, I/N");
  if (*count == 0) return refused("names none of no shards");
  if (*count > sync::most_shards) {
    return refused("is of more than " + std::to_string(sync::most_shards) + " shards");
  }
  if (*index >= *count) {
    return refused("names none of the shards 0 to " + std::to_string(*count - 1));
  }
  return sync::Shard{*index, *count};
}

Result<sync::MaxDelete> parse_max_delete(std::string_view text) {
  sync::MaxDelete limit;
  limit.percent = text.ends_with('%');
  if (limit.percent) text.remove_suffix(1);
  const auto number = parse_integer(text, 0, limit.percent ? 100 : 1'000'000'000);
  if (!number) return number.error();
  limit.value = *number;
  return limit;
}

Result<std::string> parse_checkpoint(std::string_view text) {
  constexpr std::string_view file = "file:";
  if (text == "replica") return std::string();
  if (text == file) return refused("names no file");
  if (text.starts_with(file)) return std::string(text.substr(file.size()));
  return refused("is neither replica nor file:PATH");
}

Result<Listen> parse_listen(std::string_view text) {
  Listen listen;
  if (text == "off") return listen;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    const bool is_port = to_number<std::uint16_t>(text).has_value();
    return refused(is_port ? "names no host (0.0.0.0 and [::] mean every address)"
                           : "names no port");
  }
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto port = to_number<std::uint16_t>(text.substr(colon + 1));
  if (!port) {
    const std::string also = host.empty() ? "names no host, and " : "";
    return refused(also + "has a port outside 0..65535 (0: any free one)");
  }
  if (host.empty()) return refused("names no host (0.0.0.0 and [::] mean every address)");
  if (!brackets && host.find(':') != std::string_view::npos) {
    return refused("holds an IPv6 address without brackets");
  }
  if (!all_of(host, brackets ? ":.%" : ".-_")) return refused("names no host that can be");
  listen.enabled = true;
  listen.host = std::string(host);
  listen.port = *port;
  return listen;
}

Result<Level> parse_level(std::string_view text) {
  if (text == "trace") return Level::trace;
  if (text == "debug") return Level::debug;
  if (text == "info") return Level::info;
  if (text == "warning" || text == "warn") return Level::warning;
  if (text == "error") return Level::error;
  return refused("is no log level");
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  return refused("is neither text nor json");
}

Result<std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > 64 || !all_of(text, "._-")) return refused("is no name");
  if (text == "master") {
    return refused("is what logs, reports and metrics call the master: give the replica another");
  }
  return std::string(text);
}

}  // namespace kinto_mirror::daemon
