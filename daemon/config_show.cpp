#include "daemon/config_show.hpp"

#include "daemon/settings.hpp"
#include "daemon/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <sstream>

namespace kinto_mirror::daemon {

namespace {

namespace json = boost::json;

// The comments stand in a column of their own where the values leave room.
constexpr std::size_t comment_column = 40;

std::string toml_string(std::string_view text) {
  return json::serialize(json::string(to_valid_utf8(text)));  // TOML's basic strings are JSON's
}

// A glob and a principal hold no comma, so the text of a list tells its elements.
std::string toml_list(std::string_view text) {
  if (text.empty()) return "[]";
  std::string list;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view element = text.substr(0, comma);
    while (element.starts_with(' ')) element.remove_prefix(1);
    while (element.ends_with(' ')) element.remove_suffix(1);
    list += (list.empty() ? "[" : ", ") + toml_string(element);
    if (comma == std::string_view::npos) return list + "]";
    text.remove_prefix(comma + 1);
  }
}

const Shown* find(const Config& config, const std::string& key) {
  const auto found = config.shown.find(key);
  return found == config.shown.end() ? nullptr : &found->second;
}

std::string line(std::string text, const Shown& shown) {
  text.resize(std::max(text.size(), comment_column), ' ');
  text += "  # " + printable(shown.origin.str());
  if (!shown.over.empty()) text += ", over file " + printable(shown.over);
  return text + "\n";
}

std::string line(const Setting& setting, const Shown* shown) {
  if (shown == nullptr) return "# " + std::string(setting.key) + " is not set\n";
  const bool list = setting.shape == Shape::text_or_list;
  return line(
      std::string(setting.key) + " = " + (list ? toml_list(shown->text) : toml_string(shown->text)),
      *shown);
}

// Calls `visit(entry, shown)` for what stands in a table of the user's own keys.
template <class Visit>
void for_each_entry(const Config& config, const Setting& setting, Visit visit) {
  const std::string prefix = setting.path() + ".";
  for (auto one = config.shown.lower_bound(prefix);
       one != config.shown.end() && one->first.starts_with(prefix); ++one) {
    visit(one->first.substr(prefix.size()), one->second);
  }
}

// After all other keys of the table that it belongs to.
std::string lines_of_entries(const Config& config, const Setting& setting) {
  std::string text;
  for_each_entry(config, setting, [&text](const std::string& entry, const Shown& shown) {
    text += line(toml_string(entry) + " = " + toml_string(shown.text), shown);
  });
  return text.empty() ? line(setting, nullptr) : "\n[" + setting.path() + "]\n" + text;
}

// Calls `visit(title, keys' prefix)` for each table in order, each replica being one.
template <class Visit>
void for_each_table(const Config& config, Visit visit) {
  std::string_view last;
  for (const Setting& setting : settings()) {
    if (setting.table.empty() || setting.table == last) continue;
    last = setting.table;
    if (last != "replica") {
      visit(last, std::string(last) + ".");
      continue;
    }
    const std::size_t count = std::max<std::size_t>(config.replicas.size(), 1);
    for (std::size_t i = 0; i < count; ++i) visit(last, replica_key(i, ""));
  }
}

}  // namespace

std::string show_config(const Config& config) {
  std::ostringstream out;
  const Shown* file = find(config, "config");
  out << "# file: "
      << (file == nullptr ? "none" : printable(file->text) + " (" + file->origin.str() + ")")
      << "\n";
  if (!config.replaced.empty()) {
    out << "# the file's [[replica]] tables do not count, since " << config.replaced
        << " gives the replica\n";
  }
  for_each_table(config, [&](std::string_view table, const std::string& prefix) {
    out << (table == "replica" ? "\n[[replica]]\n" : "\n[" + std::string(table) + "]\n");
    for (const Setting& setting : settings()) {
      if (setting.table != table) continue;
      const bool entries = setting.shape == Shape::table;
      out << (entries ? lines_of_entries(config, setting)
                      : line(setting, find(config, prefix + std::string(setting.key))));
    }
  });
  return out.str();
}

std::string show_config_json(const Config& config) {
  json::object root;
  const auto entry = [](const Shown& shown) {
    json::object object;
    object["value"] = to_valid_utf8(shown.text);
    object["from"] = to_valid_utf8(shown.origin.str());
    return object;
  };
  if (const Shown* file = find(config, "config")) root["file"] = entry(*file);
  json::array replicas;
  for_each_table(config, [&](std::string_view table, const std::string& prefix) {
    json::object object;
    for (const Setting& setting : settings()) {
      if (setting.table != table) continue;
      if (setting.shape == Shape::table) {
        json::object entries;
        for_each_entry(config, setting, [&](const std::string& key, const Shown& shown) {
          entries[to_valid_utf8(key)] = entry(shown);
        });
        if (!entries.empty()) object[setting.key] = std::move(entries);
        continue;
      }
      const Shown* shown = find(config, prefix + std::string(setting.key));
      if (shown != nullptr) object[setting.key] = entry(*shown);
    }
    if (table != "replica") {
      root[table] = std::move(object);
    } else if (!object.empty()) {
      replicas.push_back(std::move(object));
    }
  });
  root["replica"] = std::move(replicas);
  return json::serialize(root) + "\n";
}

std::string overrides_text(const Config& config) {
  std::string text;
  const auto add = [&text](const std::string& one) { text += (text.empty() ? "" : ", ") + one; };
  if (!config.replaced.empty()) add(config.replaced + " over all [[replica]] of the file");
  for (const auto& [key, shown] : config.shown) {
    if (!shown.over.empty()) add(key + ": " + shown.origin.place + " over " + shown.over);
  }
  return text;
}

Fields config_fields(const Config& config) {
  Fields fields;
  for (const auto& [key, shown] : config.shown) fields.emplace_back(key, shown.text);
  if (const std::string text = overrides_text(config); !text.empty()) {
    fields.emplace_back("overrides", text);
  }
  return fields;
}

}  // namespace kinto_mirror::daemon
