#include "sync/dump/yaml_json.hpp"

#include "base/json_text.hpp"
#include "sync/dump/anchors.hpp"
#include "sync/dump/yaml_events.hpp"
#include "sync/dump/yaml_scalar.hpp"

#include <sys/stat.h>
#include <unordered_set>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

constexpr std::size_t enough_to_write = std::size_t{1} << 20U;

// A map or list that is being written.
struct Level {
  bool map = false;
  bool first = true;
  bool behind_key = false;
  std::unordered_set<std::string> keys;
};

class Converter {
 public:
  Converter(const DiskFile& from, DiskFile& to, const YamlBounds& bounds)
      : events_(from), to_(to), bounds_(bounds), anchors_(bounds.anchored, bounds.aliased) {}

  Result<void> run() {
    auto event = events_.next();
    for (bool ended = false; event && event->kind != YamlKind::file_end; event = events_.next()) {
      if (ended) return at_place(*event, "a second document: restore them one by one");
      auto taken = take(*event);
      if (!taken) return taken;
      ended = event->kind == YamlKind::document_end;
    }
    if (!event) return event.error();
    return flush();
  }

 private:
  Result<void> take(const YamlEvent& event) {
    if (event.old) {
      return at_place(event,
                      "it says %YAML 1.1, by which words such as yes are no text: 1.2 is "
                      "accepted, or no such line");
    }
    const bool tagged = !event.tag.empty() && !(event.tag == "!" && !event.plain);
    if (tagged) return at_place(event, "the tag " + event.tag + " is not accepted");
    switch (event.kind) {
      case YamlKind::scalar:
      case YamlKind::map:
      case YamlKind::list:
      case YamlKind::alias:
        return take_node(event);
      case YamlKind::end:
        return end();
      default:
        return success();
    }
  }

  Result<void> take_node(const YamlEvent& event) {
    const bool is_key = !levels_.empty() && levels_.back().map && !levels_.back().behind_key;
    if (is_key) return key(event);
    auto placed = separate();
    if (!placed) return placed;
    if (event.kind == YamlKind::alias) return repeat(event);
    if (!event.anchor.empty()) anchors_.begin(event.anchor, levels_.size());
    if (event.kind == YamlKind::scalar) return scalar(event);
    if (levels_.size() >= bounds_.depth) return too_deep(event);
    levels_.push_back(
        {.map = event.kind == YamlKind::map, .first = true, .behind_key = false, .keys = {}});
    return at_event(event, write(levels_.back().map ? "{" : "["));
  }

  // The comma before an element; a member has it before its key.
  Result<void> separate() {
    if (levels_.empty()) return success();
    Level& level = levels_.back();
    const bool comma = !level.map && !level.first;
    level.first = false;
    level.behind_key = false;
    return comma ? write(",") : success();
  }

  Result<void> key(const YamlEvent& event) {
    if (event.kind != YamlKind::scalar || !event.anchor.empty()) {
      return at_place(event, "a key that is no text");
    }
    if (event.plain && event.text.empty()) return at_place(event, "a key without text");
    if (event.plain && event.text == "<<") {
      return at_place(event, "maps are not merged (<<): write their members out");
    }
    Level& level = levels_.back();
    if (!level.keys.insert(event.text).second) {
      return at_place(event, "the key " + json::quoted(event.text) + " stands there twice");
    }
    const bool comma = !level.first;
    level.first = false;
    level.behind_key = true;
    const std::string member = (comma ? "," : "") + json::quoted(event.text) + ":";
    return at_event(event, write(member));
  }

  Result<void> scalar(const YamlEvent& event) {
    auto value = event.plain ? plain_scalar(event.text) : json::quoted(event.text);
    if (!value) return at_place(event, value.error().message);
    auto written = at_event(event, write(*value));
    anchors_.end(levels_.size());
    return written;
  }

  Result<void> repeat(const YamlEvent& event) {
    const auto named = anchors_.repeat(event.anchor);
    if (!named) return at_place(event, named.error().message);
    if (levels_.size() + (*named)->height > bounds_.depth) return too_deep(event);
    const std::string json = (*named)->json;
    return at_event(event, write(json, (*named)->height));
  }

  Result<void> end() {
    auto written = write(levels_.back().map ? "}" : "]");
    levels_.pop_back();
    anchors_.end(levels_.size());
    return written;
  }

  Result<void> write(std::string_view json, std::size_t height = 0) {
    auto added = anchors_.add(json, levels_.size() + height);
    if (!added) return added;
    waiting_ += json;
    return waiting_.size() < enough_to_write ? success() : flush();
  }

  Result<void> flush() {
    auto written = to_.write(waiting_);
    waiting_.clear();
    return written;
  }

  static Result<void> at_event(const YamlEvent& event, const Result<void>& done) {
    const bool here = !done && done.error().code == Errc::unproven;
    return here ? Result<void>(at_place(event, done.error().message)) : done;
  }

  [[nodiscard]] Error too_deep(const YamlEvent& event) const {
    return at_place(event, "more than " + std::to_string(bounds_.depth) +
                               " maps and lists are within each other");
  }

  YamlEvents events_;
  DiskFile& to_;
  const YamlBounds& bounds_;
  Anchors anchors_;
  std::vector<Level> levels_;
  std::string waiting_;
};

Result<void> fits(const DiskFile& file, const YamlBounds& bounds) {
  struct stat found {};
  const bool known = ::fstat(file.descriptor(), &found) == 0;
  const auto size = static_cast<std::uint64_t>(known ? found.st_size : 0);
  if (size > bounds.file) {
    return Error(Errc::unproven, "it has more than " + std::to_string(bounds.file >> 20U) +
                                     " MiB, the bound for YAML");
  }
  std::string last;
  const auto got = file.read_at(size > 0 ? size - 1 : 0, 1, last);
  if (!got) return got.error();
  if (last != "\n") {
    return Error(Errc::unproven, "it does not end in a line break, and so may have been cut");
  }
  return success();
}

}  // namespace

Result<void> yaml_to_json(const DiskFile& from, DiskFile& to, const YamlBounds& bounds) {
  auto fit = fits(from, bounds);
  if (!fit) return fit;
  Converter converter(from, to, bounds);
  return converter.run();
}

}  // namespace kinto_mirror::sync::dump
