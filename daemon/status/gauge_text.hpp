#pragma once
// Gauges in the text exposition format, for families of thousands of series: the streams of
// prometheus-cpp's serializer take several times as long.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace kinto_mirror::daemon {

// `{replica="r",collection="b/c"}`
std::string labels_text(
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels);

// Appends the lines that announce a family. `help` needs no escapes.
void begin_gauge(std::string& out, std::string_view name, std::string_view help);

void add_gauge(std::string& out, std::string_view name, std::string_view labels, double value);

}  // namespace kinto_mirror::daemon
