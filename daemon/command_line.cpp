#include "daemon/command_line.hpp"

#include "daemon/control/orders.hpp"
#include "daemon/suggest.hpp"
#include "daemon/switches.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

struct Flag {
  bool takes_value = false;
  CLI::Option* option = nullptr;
};

using Flags = std::map<std::string, Flag, std::less<>>;

Error usage(std::string message) {
  return Error(Errc::usage, std::move(message));
}

// "--flag" of "--flag=value": the value may be a secret.
std::string name_of(const std::string& arg) {
  return arg.substr(0, arg.find('='));
}

Flags declare(CLI::App& app) {
  Flags flags;
  const auto add = [&](std::string_view flag, bool takes_value) {
    const std::string name(flag);
    CLI::Option* option =
        takes_value ? app.add_option(name)->take_last() : app.add_flag(name)->take_last();
    flags[name] = {takes_value, option};
  };
  for (const Setting& setting : settings()) {
    if (!setting.flag.empty()) add(setting.flag, true);
  }
  for (const Switch& one : switches()) add(one.flag, !one.operand.empty());
  for (const std::string_view flag : {"--help", "--version", "--selftest"}) add(flag, false);
  return flags;
}

// What CLI11 would let pass or read differently: `--flag=` takes the next word for its value,
// `--switch=x` is a value that means nothing, and a value that is itself a flag was forgotten.
std::vector<Error> misshapen(const std::vector<std::string>& args, const Flags& flags) {
  std::vector<Error> errors;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string name = name_of(args[i]);
    const auto flag = flags.find(name);
    if (flag == flags.end()) continue;
    const bool inside = name.size() < args[i].size();
    if (!flag->second.takes_value) {
      if (inside) errors.push_back(usage(name + " takes no value"));
      continue;
    }
    const std::string value = inside ? args[i].substr(name.size() + 1)
                                     : (i + 1 < args.size() ? args[i + 1] : std::string());
    const bool forgotten = value.empty() || (!inside && flags.contains(name_of(value)));
    if (forgotten) errors.push_back(usage(name + " needs a value (try --help)"));
    if (!inside) ++i;
  }
  return errors;
}

Error unknown_flag(const std::string& arg, const Flags& flags) {
  std::vector<std::string> known;
  for (const auto& [name, flag] : flags) known.push_back(name);
  const std::string name = name_of(arg);
  const std::string meant = nearest(name, known);
  return usage("unknown flag " + name + (meant.empty() ? "" : ", did you mean " + meant + "?") +
               " (try --help)");
}

// Stray words are repeated only where they cannot be a secret that lost its quotes.
bool is_plain(const std::string& text) {
  return text.size() < 32 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') ||
                  std::string_view("- /*?!").find(c) != std::string_view::npos;
         });
}

std::string sentence(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// The scope of these is a setting, unlike that of orders.
bool is_scoped_by_flag(Verb verb) {
  return verb == Verb::run || verb == Verb::check || verb == Verb::status || verb == Verb::selftest;
}

Error unknown_command(const std::vector<std::string>& words) {
  const Command* const first = words.empty() ? nullptr : find_command(words.front());
  if (first != nullptr && words.size() > 1 && is_scoped_by_flag(first->verb)) {
    return usage(
        words.front() +
        " takes no word behind it; which collections, is said by --collections 'GLOB,...'");
  }
  std::vector<std::string> known;
  for (const Command& command : commands()) known.emplace_back(command.words);
  const std::string text = sentence(words);
  const bool plain = is_plain(text);
  const std::string meant = plain ? nearest(text, known) : std::string();
  return usage((plain ? "unknown command \"" + text + "\"" : "a word that is no command") +
               (meant.empty() ? "" : ", did you mean " + meant + "?") +
               "; accepted: " + join(known) + " (try --help)");
}

// "dump FILE" and "restore FILE".
const Command* with_file(const std::vector<std::string>& words) {
  const Command* const command = words.empty() ? nullptr : find_command(words.front());
  return command != nullptr && command->operand == "FILE" ? command : nullptr;
}

Result<Verb> parse_verb(const std::vector<std::string>& words, bool selftest_flag) {
  const std::string text = sentence(words);
  if (text == "config") return usage("config needs a second word: config show or config check");
  if (text == "selftest" || (selftest_flag && words.empty())) return Verb::selftest;
  if (selftest_flag) return usage("--selftest is a command of its own: give no other");
  if (words.empty()) return Verb::run;
  if (const Command* const command = find_command(text)) return command->verb;
  if (const auto order = order_called(words.front())) return *order;
  if (const Command* const command = with_file(words)) return command->verb;
  return unknown_command(words);
}

// The command that --help stands behind, whatever else is wrong.
const Command* command_of(const std::vector<std::string>& args, const Flags& flags) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i].starts_with('-')) {
      words.push_back(args[i]);
      continue;
    }
    const auto flag = flags.find(args[i]);  // "--flag=value" is not found
    if (flag != flags.end() && flag->second.takes_value) ++i;
  }
  const Command* const whole = find_command(sentence(words));
  const bool may_have_operand =
      !words.empty() && (order_called(words.front()) || with_file(words) != nullptr);
  if (whole != nullptr || !may_have_operand) return whole;
  return find_command(words.front());
}

Result<void> take_file(const std::vector<std::string>& words, Config& config) {
  const bool dumps = config.verb == Verb::dump;
  if (words.size() != 2) {
    return usage(words.front() + " takes one word behind it, the path of a file, or - for " +
                 (dumps ? "stdout" : "stdin"));
  }
  config.dump_file = words[1];
  if (dumps && config.dump_file == "-" && config.json) {
    return usage("--json tells of a dump on stdout, where \"-\" has the dump itself: give a file");
  }
  return success();
}

// "pause main/*": what stands behind the command.
Result<void> take_operand(const std::vector<std::string>& words, Config& config) {
  if (config.verb == Verb::dump || config.verb == Verb::restore) return take_file(words, config);
  if (!is_order(config.verb)) return success();
  const std::string name(name_of(config.verb));
  if (words.size() > 2 || (config.verb == Verb::reload && words.size() > 1)) {
    return usage(name + " takes " + (config.verb == Verb::reload ? "no" : "one") +
                 " word behind it; quote a pattern, so that the shell leaves it alone");
  }
  if (words.size() < 2) {
    if (config.verb != Verb::release) return success();
    return usage(
        "release needs the collection whose deletes are let go: release BUCKET/COLLECTION");
  }
  auto patterns = parse_patterns(config.verb, words[1]);
  if (!patterns) {
    const std::string quoted = is_plain(words[1]) ? "\"" + words[1] + "\"" : "its pattern";
    return usage(name + ": " + quoted + " " + patterns.error().message);
  }
  config.order.patterns = std::move(*patterns);
  return success();
}

class Parser {
 public:
  CommandLine parse(const std::vector<std::string>& args) {
    app_.set_help_flag();  // ours is a flag like others
    app_.allow_extras();   // so that all unknown flags are named, in our words
    app_.add_option("words", words_);
    flags_ = declare(app_);
    out_.help = std::ranges::find(args, "--help") != args.end();
    if (out_.help) {  // whatever else is wrong
      out_.about = command_of(args, flags_);
      return std::move(out_);
    }
    out_.source.errors = misshapen(args, flags_);
    if (!out_.source.errors.empty()) return std::move(out_);
    try {
      app_.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& error) {
      // The only way in which this library reports a mistake; none that we know of is left.
      out_.source.errors.push_back(usage(std::string(error.what()) + " (try --help)"));
      return std::move(out_);
    }
    out_.version = given("--version");
    out_.config.json = out_.version && given("--json");
    if (!out_.version) judge();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool given(std::string_view flag) const {
    return flags_.find(flag)->second.option->count() > 0;
  }

  void fail(Error error) { out_.source.errors.push_back(std::move(error)); }

  void judge() {
    for (const std::string& arg : app_.remaining()) fail(unknown_flag(arg, flags_));
    if (!out_.source.errors.empty()) return;
    // Of other flags the last one counts, so that a script's can be overruled. A replica that is
    // silently dropped would be missed too late.
    if (flags_.find("--replica")->second.option->count() > 1) {
      fail(usage("--replica is given twice: several replicas belong in a file, as [[replica]]"));
    }
    const Result<Verb> verb = parse_verb(words_, given("--selftest"));
    if (!verb) return fail(verb.error());
    out_.config.verb = *verb;
    take_switches();
    if (auto taken = take_operand(words_, out_.config); !taken) return fail(taken.error());
    take_settings();
  }

  void take_switches() {
    std::vector<const Switch*> used;
    for (const Switch& one : switches()) {
      if (!given(one.flag)) continue;
      const std::string text = one.operand.empty() ? "" : value(one.flag);
      const Result<void> applied = one.apply(text, out_.config);
      if (!applied) {
        fail(usage(std::string(one.flag) + ": \"" + text + "\" " + applied.error().message));
      }
      used.push_back(&one);
    }
    for (const Switch* one : used) {
      if (one->belongs(out_.config)) continue;
      fail(usage(std::string(one->flag) + " belongs to " + std::string(one->home) +
                 " (try --help)"));
    }
  }

  void take_settings() {
    for (const Setting& setting : settings()) {
      if (setting.flag.empty() || !given(setting.flag)) continue;
      const std::string name(setting.flag);
      Origin origin{Origin::Kind::flag, name};
      out_.source.values.push_back({&setting, value(name), std::move(origin), name});
    }
  }

  [[nodiscard]] std::string value(std::string_view flag) const {
    return flags_.find(flag)->second.option->results().back();
  }

  CLI::App app_;
  std::vector<std::string> words_;
  Flags flags_;
  CommandLine out_;
};

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& args) {
  // `-h` is the one short flag; CLI11 would read clusters of them.
  std::vector<std::string> spelled = args;
  std::ranges::replace(spelled, "-h", "--help");
  CommandLine line = Parser().parse(spelled);
  line.config.args = args;
  return line;
}

}  // namespace kinto_mirror::daemon
