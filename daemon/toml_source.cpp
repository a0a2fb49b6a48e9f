#include "daemon/toml_source.hpp"

#include "daemon/files.hpp"
#include "daemon/suggest.hpp"
#include "daemon/toml_fault.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
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
    case Shape::table:
      return "a string";  // each entry
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
      const Setting* setting = find_key(name, key_name);
      if (setting != nullptr && setting->shape == Shape::table) {
        read_entries(*setting, node, where);
      } else if (setting != nullptr) {
        read_value(*setting, node, where, replica, key_name != setting->key);
      } else {
        fail(at(key.source()), fmt::format("unknown key {} in {}{}", key_name, title,
                                           accepted(key_name, known_keys(name))));
      }
    }
    refuse_twins(table, name, title);
  }

  // A table whose keys are the user's own, such as [sync.principals].
  void read_entries(const Setting& setting, const toml::node& node, const std::string& where) {
    const std::string title = "[" + setting.path() + "]";
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      return fail(where, "is no table; accepted: a table " + title + " of " +
                             std::string(setting.operand) + ", both between quotes");
    }
    for (const auto& [key, value] : *table) {
      const std::string entry(key.str());
      const std::string place = fmt::format("{}: {} \"{}\"", at(key.source()), title, entry);
      if (const auto* text = value.as_string()) {
        source_.values.push_back({.setting = &setting,
                                  .text = text->get(),
                                  .origin = {Origin::Kind::file, at(key.source())},
                                  .where = place,
                                  .entry = entry});
        continue;
      }
      // system.Everyone = "x" is a table `system` to TOML.
      fail(place, "the value is of the wrong type, " + type_name(value) +
                      (value.is_table() ? " (a key that holds a dot stands between quotes)" : "") +
                      "; accepted: " + std::string(setting.accepts) + ", as a string");
    }
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
      if (!secret) return source_.errors.push_back(secret.error().in(where));
      text = std::move(*secret);
    }
    Origin origin{Origin::Kind::file, at(node.source())};
    source_.values.push_back(
        {&setting, std::move(*text), std::move(origin), where, replica, std::move(secret_file)});
  }

  const std::string& name_;
  Source source_;
};

}  // namespace

Source read_toml(std::string_view content, const std::string& name) {
  try {
    const toml::table root = toml::parse(content, name);
    return Reader(name).read(root);
  } catch (const toml::parse_error& error) {
    // The only way in which this library reports a mistake.
    const std::size_t number = error.source().begin.line;
    const std::string fault = toml_fault(error.description(), content, number);
    Source source;
    source.errors.emplace_back(Errc::config,
                               fmt::format("{}:{}: is no TOML: {}", name, number, fault));
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
