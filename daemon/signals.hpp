#pragma once
// SIGTERM and SIGINT: the first asks to stop, the second ends the process at once. SIGUSR1: what
// the operator wants done now.

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace kinto_mirror::daemon {

// REQUIRES: one at a time; the io_context outlives it. While it lives, io_context::run() does not
// return.
class Signals {
 public:
  // `on_first` is called from io_context::run() with the signal's number. A second signal exits
  // with 128 + its number without waiting for anything: also when the loop is stuck.
  Signals(boost::asio::io_context& context, std::function<void(int)> on_first);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

// A signal that would end the process otherwise calls `on_signal` from io_context::run(), each
// time. REQUIRES: as Signals.
class UserSignal {
 public:
  UserSignal(boost::asio::io_context& context, int signal, std::function<void()> on_signal);
  ~UserSignal();
  UserSignal(const UserSignal&) = delete;
  UserSignal& operator=(const UserSignal&) = delete;

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

// A reader of our output that went away must not end the daemon.
void ignore_broken_pipes();

}  // namespace kinto_mirror::daemon
