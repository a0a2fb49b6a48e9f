// Single values of the configuration: durations, patterns of collections, principals, addresses and
// numbers. What is taken reads the same when it is written again.

#include "daemon/auth.hpp"
#include "daemon/durations.hpp"
#include "daemon/values.hpp"
#include "fuzz.hpp"
#include "sync/decide/scope.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace kinto_mirror::fuzz {

namespace {

// By the book, in a table: whether the first p of the pattern match the first t of the text.
bool matches(std::string_view pattern, std::string_view text) {
  std::vector<bool> row(text.size() + 1, false);
  row[0] = true;
  for (const char c : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    next[0] = c == '*' && row[0];
    for (std::size_t t = 1; t <= text.size(); ++t) {
      if (c == '*') next[t] = row[t] || next[t - 1];
      if (c != '*') next[t] = row[t - 1] && (c == '?' || c == text[t - 1]);
    }
    row = std::move(next);
  }
  return row.back();
}

void read_duration(std::string_view text) {
  const auto duration = daemon::parse_duration(text);
  if (!duration) return;
  hold(*duration >= Millis{0}, "a duration is below zero");
  const auto again = daemon::parse_duration(daemon::format_duration(*duration));
  hold(again && *again == *duration, "a duration is another one when it is written again");
  const auto bounded = daemon::parse_duration(text, Millis{100}, Millis{86'400'000});
  hold(!bounded || *bounded == *duration, "a bound changes a duration");
}

void match(std::string_view pattern, std::string_view text) {
  constexpr std::size_t enough = 64;
  pattern = pattern.substr(0, enough);
  text = text.substr(0, enough);
  hold(sync::glob_match(pattern, text) == matches(pattern, text), "a pattern matches otherwise");
}

void read_patterns(std::string_view text, std::string_view name) {
  const auto patterns = daemon::parse_collections(text);
  if (!patterns) return;
  hold(!patterns->empty(), "no patterns are taken");
  const auto again = daemon::parse_collections(fmt::format("{}", fmt::join(*patterns, ",")));
  hold(again && *again == *patterns, "patterns are others when they are written again");
  const sync::Scope scope(*patterns);
  const std::string bucket(name.substr(0, name.find('/')));
  const CollectionId id(bucket, std::string(name.substr(std::min(bucket.size() + 1, name.size()))));
  const bool in = scope.matches(id);
  const auto named = scope.named();
  const auto buckets = scope.named_buckets();
  const bool looked_at = scope.may_hold(bucket) ||
                         std::ranges::find(buckets, bucket) != buckets.end() ||
                         std::ranges::find(named, id) != named.end();
  hold(!in || looked_at, "a bucket is left out that holds something in scope");
  hold(!in || scope.touches(bucket), "a bucket is not touched that holds something in scope");
  hold(!scope.covers_bucket(bucket) || in || bucket.empty() || id.collection.empty(),
       "a bucket is covered, and something in it is out of scope");
  for (const CollectionId& one : named) {
    hold(!sync::has_wildcard(one.str()), "a pattern counts as a name");
  }
}

void read_readers(std::string_view text) {
  const auto readers = daemon::parse_readers(text);
  if (!readers) return;
  const auto again = daemon::parse_readers(fmt::format("{}", fmt::join(*readers, ",")));
  hold(again && *again == *readers, "readers are others when they are written again");
  const auto fit = [](const std::string& one) { return daemon::check_principal(one).has_value(); };
  hold(std::ranges::all_of(*readers, fit), "a reader is no principal");
}

void read_listen(std::string_view text) {
  const auto listen = daemon::parse_listen(text);
  if (!listen || !listen->enabled) return;
  const bool brackets = listen->host.find(':') != std::string::npos;
  const std::string host = brackets ? "[" + listen->host + "]" : listen->host;
  const auto again = daemon::parse_listen(host + ":" + std::to_string(listen->port));
  hold(again && again->host == listen->host && again->port == listen->port,
       "an address is another one when it is written again");
}

void read_numbers(std::string_view text) {
  const auto shard = daemon::parse_shard(text);
  hold(!shard || shard->index < shard->count, "a shard is none of its kind");
  const auto parallel = daemon::parse_parallel(text);
  hold(!parallel || (*parallel >= 1 && *parallel <= 64), "a number is out of its bounds");
  const auto most = daemon::parse_max_delete(text);
  hold(!most || most->value >= 0, "a bound of deletions is below zero");
  hold(!most || !most->percent || most->value <= 100, "a bound is beyond 100%");
}

void read_auth(std::string_view text) {
  const auto header = daemon::checked_authorization(text);
  (void)daemon::masked_auth(text);
  if (!header) return;
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  hold(std::ranges::all_of(*header, plain), "a header holds a control character");
  hold(daemon::masked_auth(text) != text, "a secret is shown");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  namespace daemon = kinto_mirror::daemon;
  fuzz::Input input(fuzz::text_of(data, size));
  const std::string_view text = input.line();
  fuzz::read_duration(text);
  fuzz::match(text, input.rest());
  fuzz::read_patterns(text, input.rest());
  fuzz::read_readers(text);
  fuzz::read_listen(text);
  fuzz::read_numbers(text);
  fuzz::read_auth(text);
  const auto name = daemon::parse_name(text);
  fuzz::hold(!name || *name == text, "a name is another one");
  const auto place = daemon::parse_checkpoint(text);
  fuzz::hold(!place || place->empty() || "file:" + *place == text, "a path is another one");
  return 0;
}
