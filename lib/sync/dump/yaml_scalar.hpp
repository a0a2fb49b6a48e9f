#pragma once
// What a plain scalar of YAML, one without quotes, stands for in JSON. Pure.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::sync::dump {

// By the core schema of YAML 1.2: null, true, false, integers and decimal fractions, all else is
// text. Numbers keep their digits; what JSON spells otherwise is spelled so: +1, 007, 0x1f, .5, 1.
// Errc::unproven: what JSON has no number for: .inf, .nan, and hexadecimal or octal numbers that
// are longer than 64 bits.
Result<std::string> plain_scalar(std::string_view text);

}  // namespace kinto_mirror::sync::dump
