#include "sync/dump/yaml_events.hpp"

#include <algorithm>
#include <optional>
#include <yaml.h>

namespace kinto_mirror::sync::dump {

namespace {

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

std::string place_of(std::uint64_t line, std::uint64_t column) {
  return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
}

void read_scalar(const yaml_event_t& from, YamlEvent& to) {
  const auto& scalar = from.data.scalar;
  to.kind = YamlKind::scalar;
  to.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
  to.anchor = text_of(scalar.anchor);
  to.tag = text_of(scalar.tag);
  to.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool is_old(const yaml_event_t& from) {
  const yaml_version_directive_t* const said = from.data.document_start.version_directive;
  return said != nullptr && said->minor < 2;
}

YamlEvent event_of(const yaml_event_t& from) {
  YamlEvent to;
  to.line = from.start_mark.line + 1;
  to.column = from.start_mark.column + 1;
  switch (from.type) {
    case YAML_DOCUMENT_START_EVENT:
      to.kind = YamlKind::document;
      to.old = is_old(from);
      break;
    case YAML_SCALAR_EVENT:
      read_scalar(from, to);
      break;
    case YAML_MAPPING_START_EVENT:
      to.kind = YamlKind::map;
      to.anchor = text_of(from.data.mapping_start.anchor);
      to.tag = text_of(from.data.mapping_start.tag);
      break;
    case YAML_SEQUENCE_START_EVENT:
      to.kind = YamlKind::list;
      to.anchor = text_of(from.data.sequence_start.anchor);
      to.tag = text_of(from.data.sequence_start.tag);
      break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
      to.kind = YamlKind::end;
      break;
    case YAML_ALIAS_EVENT:
      to.kind = YamlKind::alias;
      to.anchor = text_of(from.data.alias.anchor);
      break;
    case YAML_DOCUMENT_END_EVENT:
      to.kind = YamlKind::document_end;
      break;
    default:
      to.kind = YamlKind::file_end;
  }
  return to;
}

}  // namespace

struct YamlEvents::State {
  explicit State(const DiskFile& from) : file(from) {}

  const DiskFile& file;
  std::uint64_t at = 0;
  std::string piece;
  std::optional<Error> failed;  // of reading
  bool able = false;            // the parser has its memory
  yaml_parser_t parser{};

  // As libyaml calls it: 1 for good, and nothing at the end of the file.
  static int read(void* self, unsigned char* to, std::size_t most, std::size_t* size) {
    auto& state = *static_cast<State*>(self);
    state.piece.clear();
    const auto got = state.file.read_at(state.at, most, state.piece);
    if (!got) {
      state.failed = got.error();
      return 0;
    }
    std::ranges::copy(state.piece, to);
    state.at += *got;
    *size = *got;
    return 1;
  }

  [[nodiscard]] Error error() const {
    if (failed) return *failed;
    const std::string what = parser.problem != nullptr ? parser.problem : "there is no memory";
    if (parser.error == YAML_READER_ERROR) {
      return {Errc::unproven, "byte " + std::to_string(parser.problem_offset) + ": " + what};
    }
    return {Errc::unproven,
            place_of(parser.problem_mark.line + 1, parser.problem_mark.column + 1) + what};
  }
};

YamlEvents::YamlEvents(const DiskFile& file) : state_(std::make_unique<State>(file)) {
  state_->able = yaml_parser_initialize(&state_->parser) == 1;
  if (!state_->able) return;
  yaml_parser_set_encoding(&state_->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input(&state_->parser, &State::read, state_.get());
}

YamlEvents::~YamlEvents() {
  if (state_->able) yaml_parser_delete(&state_->parser);
}

Result<YamlEvent> YamlEvents::next() {
  while (true) {
    yaml_event_t found{};
    if (!state_->able || yaml_parser_parse(&state_->parser, &found) == 0) return state_->error();
    const bool begins = found.type == YAML_STREAM_START_EVENT;
    YamlEvent event = event_of(found);
    yaml_event_delete(&found);
    if (!begins) return event;
  }
}

Error at_place(const YamlEvent& event, std::string_view what) {
  return {Errc::unproven, place_of(event.line, event.column) + std::string(what)};
}

}  // namespace kinto_mirror::sync::dump
