#include "selftest/interrupt.hpp"

#include <unistd.h>

namespace kinto_mirror::selftest {

namespace {

volatile std::sig_atomic_t g_signal = 0;  // written by the handler

extern "C" void note_signal(int signal) {
  if (g_signal != 0) ::_exit(128 + signal);
  g_signal = signal;
}

}  // namespace

Interrupt::Interrupt() {
  g_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &old_int_);
  ::sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &old_int_, nullptr);
  ::sigaction(SIGTERM, &old_term_, nullptr);
}

bool Interrupt::requested() const noexcept {
  return g_signal != 0;
}

}  // namespace kinto_mirror::selftest
