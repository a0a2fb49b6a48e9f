#pragma once
// What others on this host may see of a process that holds secrets.

#include <span>

namespace kinto_mirror::daemon {

// A crash writes no image of the memory, where the credentials are.
void write_no_cores();

// Writes * over the values of flags that are secrets, `--master-auth USER:PASS` and
// `--master-auth=USER:PASS`: what argv holds stands in the list of processes, for everybody. (Until
// then it stood there for a moment: a file is better.) REQUIRES: argv of main(); copies of what it
// held have been taken.
void blank_secrets(std::span<char*> args) noexcept;

}  // namespace kinto_mirror::daemon
