// The configuration file: each value has a setting and a place, and what is wrong is told in lines
// of text.

#include "daemon/settings.hpp"
#include "daemon/toml_source.hpp"
#include "fuzz.hpp"

namespace kinto_mirror::fuzz {

namespace {

// What names a file would have files read that are none of the fuzzer's.
bool names_a_file(const daemon::RawValue& value) {
  return value.setting->key.ends_with("file") || !value.secret_file.empty();
}

void apply(const daemon::RawValue& value) {
  hold(value.setting != nullptr && !value.where.empty(), "a value belongs nowhere");
  if (names_a_file(value)) return;
  daemon::Server server;
  daemon::Config config;
  const auto applied = value.setting->apply(value.entry, value.text, server, config);
  hold(applied.has_value() || !applied.error().message.empty(), "a fault has no words");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  namespace daemon = kinto_mirror::daemon;
  const std::string_view text = fuzz::text_of(data, size);
  if (text.find("file") != std::string_view::npos) return 0;
  const daemon::Source source = daemon::read_toml(text, "mirror.toml");
  for (const daemon::RawValue& value : source.values) fuzz::apply(value);
  for (const kinto_mirror::Error& error : source.errors) {
    fuzz::hold(!error.message.empty(), "a fault has no words");
  }
  return 0;
}
