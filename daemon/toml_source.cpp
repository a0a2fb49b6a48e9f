#include "daemon/toml_source.hpp"

#include "daemon/files.hpp"
#include "daemon/suggest.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

std::vector<std::string> known_tables() {
  std::vector<std::string> names;
  for (const Setting& setting : settings()) {
    if (setting.table.empty() || (!names.empty() && names.back() == setting.table)) continue;
    names.emplace_back(setting.table);
  }
  return names;
}

std::vector<std::string> known_keys(std::string_view table) {
  std::vector<std::string> names;
  for (const Setting& setting : settings()) {
    if (setting.table != table) continue;
    names.emplace_back(setting.key);
    if (setting.secret) names.push_back(setting.file_key());
  }
  return names;
}

std::string accepted(std::string_view given, const std::vector<std::string>& known) {
  const std::string meant = nearest(given, known);
  return (meant.empty() ? "" : "; did you mean " + meant + "?") + "; accepted: " + join(known);
}

std::string type_name(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return text.str();
}

// The value as flags would hold it, or nothing where the type is not among those accepted.
std::optional<std::string> text_of(const toml::node& node, Shape shape) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer(); number && shape == Shape::text_or_integer) {
    return std::to_string(number->get());
  }
  const auto* list = node.as_array();
  if (list == nullptr || shape != Shape::text_or_list) return std::nullopt;
  std::string joined;
  for (const toml::node& element : *list) {
    if (!element.is_string()) return std::nullopt;
    joined += (&element == &*list->begin() ? "" : ",") + element.as_string()->get();
  }
  return joined;
}

std::string shape_name(Shape shape) {
  switch (shape) {
    case Shape::text:
      return "a string";
    case Shape::text_or_list:
      return "a string or a list of strings";
    case Shape::text_or_integer:
      return "a string or a whole number";
  }
  return "a string";
}

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Source read(const toml::table& root) {
    for (const auto& [key, node] : root) read_top(std::string(key.str()), node);
    return std::move(source_);
  }

 private:
  [[nodiscard]] std::string at(const toml::source_region& region) const {
    return name_ + ":" + std::to_string(region.begin.line);
  }

  void fail(const std::string& where, const std::string& what) {
    source_.errors.emplace_back(Errc::config, fmt::format("{}: {}", where, what));
  }

  void read_top(const std::string& key, const toml::node& node) {
    const std::vector<std::string> tables = known_tables();
    if (std::ranges::find(tables, key) == tables.end()) {
      const std::string kind = node.is_table() || node.is_array_of_tables() ? "table [" : "key [";
      return fail(
          at(node.source()),
          "unknown " + (kind == "key [" ? "key " + key : kind + key + "]") + accepted(key, tables));
    }
    if (key == "replica") return read_replicas(node);
    if (const toml::table* table = node.as_table()) return read_table(*table, key, 0);
    fail(at(node.source()), key + " is no table; accepted: a table [" + key + "]");
  }

  void read_replicas(const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
      return fail(at(node.source()),
                  "replica is no list: write [[replica]], with two brackets, for each");
    }
    for (const toml::node& entry : *list) {
      read_table(*entry.as_table(), "replica", source_.replicas++);
    }
  }

  void read_table(const toml::table& table, const std::string& name, std::size_t replica) {
    const std::string title = name == "replica" ? "[[replica]]" : "[" + name + "]";
    for (const auto& [key, node] : table) {
      const std::string key_name(key.str());
      const std::string where = fmt::format("{}: {} {}", at(key.source()), title, key_name);
      if (const Setting* setting = find_key(name, key_name)) {
        read_value(*setting, node, where, replica, key_name != setting->key);
      } else {
        fail(at(key.source()), fmt::format("unknown key {} in {}{}", key_name, title,
                                           accepted(key_name, known_keys(name))));
      }
    }
    refuse_twins(table, name, title);
  }

  void refuse_twins(const toml::table& table, const std::string& name, const std::string& title) {
    for (const Setting& setting : settings()) {
      if (setting.table != name || !setting.secret) continue;
      const toml::node* twin = table.get(setting.file_key());
      if (twin == nullptr || !table.contains(setting.key)) continue;
      fail(at(twin->source()), fmt::format("{} holds both {} and {}: give one", title, setting.key,
                                           setting.file_key()));
    }
  }

  void read_value(const Setting& setting, const toml::node& node, const std::string& where,
                  std::size_t replica, bool twin) {
    std::optional<std::string> text = text_of(node, setting.shape);
    if (!text) {
      return fail(where, "the value is of the wrong type, " + type_name(node) + "; accepted: " +
                             (twin ? "the path of a file" : std::string(setting.accepts)) +
                             ", as " + shape_name(setting.shape));
    }
    std::string secret_file;
    if (twin) {
      secret_file = *text;
      Result<std::string> secret = read_secret(*text);
      if (!secret) return fail(where, secret.error().message);
      text = std::move(*secret);
    }
    Origin origin{Origin::Kind::file, at(node.source())};
    source_.values.push_back(
        {&setting, std::move(*text), std::move(origin), where, replica, std::move(secret_file)});
  }

  const std::string& name_;
  Source source_;
};

struct Fault {
  std::string_view sign;  // what the library's own words hold
  std::string_view text;  // what is wrong, and the mend
};

// The first one whose sign is found. The library's words are its parser's, and may quote the line.
constexpr auto faults = std::to_array<Fault>({
    {"utf-8", "it is not written in UTF-8; save it as UTF-8"},
    {"table header",
     "a table header is written wrong; write it alone on its line, as [sync], and as [[replica]], "
     "with two brackets, for each replica"},
    {"a comment or whitespace",
     "something stands behind a value; write one key = \"value\" a line, and # before a comment"},
    {"expected '='", "no = stands behind the key; write key = \"value\""},
    {"expected value", "no value stands behind the =; write key = \"value\""},
    {"array",
     "a list is not closed, or lacks a comma; write it as collections = [\"a/b\", \"c/*\"]"},
    {"string",
     "a string is not closed on its line, or holds a backslash or a control character that cannot "
     "stand in it; write key = \"value\", and \\\\ for a backslash"},
    {"root table",
     "this is no table, no key and no comment; write [sync], key = \"value\" or # text"},
    {"key", "no key can be read; write key = \"value\""},
    // Of numbers, dates and the like too: none of the settings needs any.
    {"", "the value cannot be read; write it between double quotes, as interval = \"5s\""},
});

// What stands there twice is named between the last two quotes.
std::string twice(std::string_view description) {
  const std::size_t end = description.rfind('\'');
  const std::size_t begin = end == 0 || end == std::string_view::npos
                                ? std::string_view::npos
                                : description.rfind('\'', end - 1);
  const std::string name(begin == std::string_view::npos
                             ? std::string_view("the same key or table")
                             : description.substr(begin + 1, end - begin - 1));
  if (name == "replica") {
    return "replica is given as two kinds; write [[replica]], with two brackets, for each";
  }
  return name + " is given twice; keep one of the two";
}

std::string fault_of(std::string_view description) {
  if (description.find("redefine") != std::string_view::npos) return twice(description);
  std::string lower(description);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto fault = std::ranges::find_if(
      faults, [&lower](const Fault& one) { return lower.find(one.sign) != std::string::npos; });
  return std::string(fault->text);
}

}  // namespace

Source read_toml(std::string_view content, const std::string& name) {
  try {
    const toml::table root = toml::parse(content, name);
    return Reader(name).read(root);
  } catch (const toml::parse_error& error) {
    // The only way in which this library reports a mistake.
    Source source;
    source.errors.emplace_back(Errc::config, name + ":" +
                                                 std::to_string(error.source().begin.line) +
                                                 ": is no TOML: " + fault_of(error.description()));
    return source;
  }
}

Source read_toml_file(const std::string& path) {
  const Result<std::string> content = read_file(path);
  if (content) return read_toml(*content, path);
  Source source;
  source.errors.emplace_back(Errc::config, path + ": " + content.error().message);
  return source;
}

}  // namespace kinto_mirror::daemon
