#pragma once
// Whether all is there that the scenarios depend on, found out without writing anything.

#include "selftest/interrupt.hpp"
#include "selftest/selftest.hpp"

#include <iosfwd>

namespace kinto_mirror::selftest {

// Says each finding in one line on `out`. The first thing that is missing is the error, which names
// the server and the mend. Throws Interrupted.
Result<void> check_dependencies(const Settings& settings, const Interrupt& interrupt,
                                std::ostream& out);

}  // namespace kinto_mirror::selftest
