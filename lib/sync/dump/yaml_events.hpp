#pragma once
// The events of a YAML file, one after the other, in memory that does not grow with the file: what
// libyaml's parser says, as values.

#include "base/error.hpp"
#include "sync/dump/disk_file.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::sync::dump {

enum class YamlKind { document, scalar, map, list, end, alias, document_end, file_end };

struct YamlEvent {
  YamlKind kind = YamlKind::file_end;
  std::string text;    // of a scalar
  bool plain = false;  // a scalar without quotes and tag
  std::string anchor;  // what it is called, or of an alias what it stands for
  std::string tag;     // as it is written; empty: none
  bool old = false;    // a document that says %YAML 1.1
  std::uint64_t line = 0;
  std::uint64_t column = 0;  // both from 1 on
};

class YamlEvents {
 public:
  // From the beginning of the file, which outlives it.
  explicit YamlEvents(const DiskFile& file);
  ~YamlEvents();
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;

  // REQUIRES: neither an error nor file_end was returned before.
  // Errc::unproven: "line 3, column 5: what the parser found"; rejected where the file cannot be
  // read.
  Result<YamlEvent> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "line 3, column 5: what"
Error at_place(const YamlEvent& event, std::string_view what);

}  // namespace kinto_mirror::sync::dump
