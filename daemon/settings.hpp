#pragma once
// The one table of settings. Flags, environment, file, `config show`, --help and the tests read it:
// a setting is added here and nowhere else (the default file and the schema in config/ are checked
// against it by a test).

#include "base/error.hpp"
#include "daemon/config.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace kinto_mirror::daemon {

// What a TOML value may be beside a string.
enum class Shape {
  text,
  text_or_integer,
  text_or_list,
  table,  // of strings, an entry for each key of the user's own: [sync.principals]
};

struct Setting {
  // Puts a value in its place, or says what is wrong with it in words that follow the value.
  using Parse = std::variant<Result<void> (*)(std::string_view, Config&),
                             Result<void> (*)(std::string_view, Server&),
                             Result<void> (*)(std::string_view entry, std::string_view, Config&)>;

  std::string_view table;     // TOML; empty: not in the file
  std::string_view key;       // TOML
  std::string_view flag;      // empty: none
  std::string_view env;       // empty: none
  std::string_view operand;   // what --help calls the value
  std::string_view fallback;  // the default; empty: none
  std::string_view accepts;   // completes "accepted: "
  std::string_view help;
  Parse parse;
  Shape shape = Shape::text;
  bool secret = false;  // never printed; has twins `KEY_file` and `ENV_FILE` that name a file

  // Parses and stores it, in `config` or in `server`; `entry` is the key in a table of entries.
  [[nodiscard]] Result<void> apply(std::string_view entry, std::string_view text, Server& server,
                                   Config& config) const;

  [[nodiscard]] std::string path() const;      // "sync.interval"
  [[nodiscard]] std::string file_key() const;  // "auth_file", empty where there is no twin
  [[nodiscard]] std::string file_env() const;  // "KINTO_MIRROR_MASTER_AUTH_FILE", as above
};

// In the order of --help, a table's settings one after the other.
std::span<const Setting> settings();

// Nothing where no setting has this flag, or this key in this table.
const Setting* find_flag(std::string_view flag);
const Setting* find_key(std::string_view table, std::string_view key);

}  // namespace kinto_mirror::daemon
