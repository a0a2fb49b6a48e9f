#pragma once
// How much is logged, and in what form. Plain data.

namespace kinto_mirror::daemon {

enum class Level { trace, debug, info, warning, error };

enum class LogFormat {
  text,  // for people
  json,  // mozlog 2.0, one object a line
};

struct LogOptions {
  Level level = Level::info;
  LogFormat format = LogFormat::text;  // unset by the operator: text on a terminal, else json
};

}  // namespace kinto_mirror::daemon
