#pragma once
// doctest for the cases that ship. The unit test programs bring doctest's implementation too, and
// link the floors above this one: so the shipped one lives in a namespace of its own, with a
// registry of its own. REQUIRES: no other inclusion of doctest in the same source file.

#define doctest kinto_mirror_selftest_doctest
#include <doctest/doctest.h>
