// Completions for shells.

#include "daemon/manual/manual.hpp"
#include "daemon/manual/pieces.hpp"

namespace kinto_mirror::daemon::manual {

namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::string setting_flags() {
  std::vector<std::string> flags;
  for (const Setting& setting : settings()) {
    if (!setting.flag.empty()) flags.emplace_back(setting.flag);
  }
  return joined(flags);
}

std::string first_of(const Command& command) {
  return split(command.words, " ").front();
}

// Between single quotes, as all three shells read them.
std::string quoted(std::string_view text) {
  return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

// The lines of a `case` over flags that take a value.
std::string bash_values() {
  std::string text;
  std::vector<std::string> files;
  std::vector<std::string> others;
  for (const Setting& setting : settings()) {
    if (setting.flag.empty()) continue;
    const std::vector<std::string> values = values_of(setting);
    if (!values.empty()) {
      text += "    " + std::string(setting.flag) + ") COMPREPLY=($(compgen -W " +
              quoted(joined(values)) + " -- \"$cur\")); return ;;\n";
    } else {
      (takes_path(setting.operand) ? files : others).emplace_back(setting.flag);
    }
  }
  for (const Switch& one : switches()) {
    if (!one.operand.empty()) (takes_path(one.operand) ? files : others).emplace_back(one.flag);
  }
  return text + "    " + joined(files, " | ") +
         ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n    " + joined(others, " | ") +
         ") return ;;\n";
}

// The flags of each command besides the settings, by its first word; run is what stands for none.
std::string bash_switches() {
  std::string text;
  for (const std::string& word : first_words()) {
    std::vector<std::string> flags;
    for (const Switch& one : switches()) {
      for (const Command* const command : commands_of(one)) {
        if (first_of(*command) == word) {
          flags.emplace_back(one.flag);
          break;
        }
      }
    }
    const std::string pattern = word == "run" ? "run | ''" : word;
    if (!flags.empty()) text += "    " + pattern + ") flags=" + quoted(joined(flags)) + " ;;\n";
  }
  return text;
}

// ':' ends a part of zsh's specifications, brackets enclose the explanation.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_spec(std::string_view flag, std::string_view operand, std::string_view help,
                     const std::vector<std::string>& values) {
  std::string spec(flag);
  if (operand.empty()) return "    " + quoted(spec + "[" + zsh_text(help) + "]") + " \\\n";
  spec += "=[" + zsh_text(help) + "]:" + zsh_text(operand) + ":";
  if (!values.empty()) {
    spec += "(" + zsh_text(joined(values)) + ")";
  } else if (takes_path(operand)) {
    spec += "_files";
  }
  return "    " + quoted(spec) + " \\\n";
}

std::string fish_condition(const Switch& one) {
  std::vector<std::string> words;
  bool by_default = false;
  for (const Command* const command : commands_of(one)) {
    words.push_back(first_of(*command));
    by_default = by_default || command->verb == Verb::run;
  }
  return std::string(by_default ? "__fish_use_subcommand; or " : "") +
         "__fish_seen_subcommand_from " + joined(words);
}

std::string fish_flag(std::string_view flag, std::string_view operand, std::string_view help,
                      const std::vector<std::string>& values) {
  std::string line = "complete -c kinto-mirror -l " + std::string(flag.substr(2));
  if (!values.empty()) {
    line += " -x -a " + quoted(joined(values));
  } else if (!operand.empty()) {
    line += takes_path(operand) ? " -r -F" : " -x";
  }
  return line + " -d " + quoted(help);
}

}  // namespace

std::string bash_completion() {
  std::string text = R"(# bash completion for kinto-mirror
_kinto_mirror() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} flags= command= second= i word
  COMPREPLY=()
  # Readline splits --flag=value in three.
  if [ "$cur" = = ]; then
    cur=
  elif [ "$prev" = = ]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $prev in
)" + bash_values() +
                     R"(  esac
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    case " )";
  text += joined(first_words()) + R"( " in
      *" $word "*) command=$word; second=${COMP_WORDS[i + 1]}; break ;;
    esac
  done
  case $command in
)" + bash_switches() +
          R"(  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$flags --help --version )" +
          setting_flags() + R"(" -- "$cur")) ;;
    *)
      if [ -z "$command" ]; then
        COMPREPLY=($(compgen -W ')" +
          joined(first_words()) + R"(' -- "$cur"))
      elif [ "$command" = config ] && [ "$second" = "$cur" ]; then
        COMPREPLY=($(compgen -W ')" +
          joined(second_words("config")) + R"(' -- "$cur"))
      else
        case $command in
          )" +
          joined(words_before_files(), " | ") + R"() COMPREPLY=($(compgen -f -- "$cur")) ;;
        esac
      fi ;;
  esac
}
complete -F _kinto_mirror kinto-mirror
)";
  return text;
}

std::string zsh_completion() {
  std::string text =
      "#compdef kinto-mirror\n\n_kinto_mirror_commands() {\n  local -a words\n  words=(\n";
  for (const Command& one : commands()) {
    const bool of_two = one.words.find(' ') != std::string_view::npos;
    if (!of_two) text += "    " + quoted(std::string(one.words) + ":" + zsh_text(one.help)) + "\n";
  }
  text +=
      "    'config:what the configuration is'\n  )\n  _describe command words\n}\n\n"
      "_kinto_mirror_second() {\n  [[ $words[2] = config ]] && _values command " +
      joined(second_words("config")) + "\n  [[ $words[2] = (" + joined(words_before_files(), "|") +
      ") ]] && _files\n}\n\n_kinto_mirror() {\n  _arguments \\\n";
  for (const Setting& one : settings()) {
    if (!one.flag.empty()) text += zsh_spec(one.flag, one.operand, one.help, values_of(one));
  }
  for (const Switch& one : switches()) text += zsh_spec(one.flag, one.operand, one.help, {});
  return text +
         "    '(- *)'{-h,--help}'[what the command does]' \\\n"
         "    '--version[the version]' \\\n"
         "    '1:command:_kinto_mirror_commands' \\\n    '2:word:_kinto_mirror_second'\n}\n\n"
         "_kinto_mirror \"$@\"\n";
}

std::string fish_completion() {
  std::string text = "complete -c kinto-mirror -f\n";
  for (const Command& one : commands()) {
    if (one.words.find(' ') != std::string_view::npos) continue;
    text += "complete -c kinto-mirror -n __fish_use_subcommand -a " + std::string(one.words) +
            " -d " + quoted(one.help) + "\n";
  }
  text +=
      "complete -c kinto-mirror -n __fish_use_subcommand -a config -d 'what the configuration "
      "is'\ncomplete -c kinto-mirror -n '__fish_seen_subcommand_from config' -a " +
      quoted(joined(second_words("config"))) + "\n";
  text += "complete -c kinto-mirror -n '__fish_seen_subcommand_from " +
          joined(words_before_files()) + "' -F\n";
  for (const Setting& one : settings()) {
    if (!one.flag.empty())
      text += fish_flag(one.flag, one.operand, one.help, values_of(one)) + "\n";
  }
  for (const Switch& one : switches()) {
    text += fish_flag(one.flag, one.operand, one.help, {}) + " -n " + quoted(fish_condition(one)) +
            "\n";
  }
  return text +
         "complete -c kinto-mirror -s h -l help -d 'what the command does'\n"
         "complete -c kinto-mirror -l version -d 'the version'\n";
}

}  // namespace kinto_mirror::daemon::manual
