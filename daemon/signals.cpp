#include "daemon/signals.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <unistd.h>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

extern "C" void exit_at_once(int signal) {
  ::_exit(128 + signal);
}

// Instead of Asio's own handler, which only takes a note for the loop.
void exit_on_next() {
  struct sigaction action {};
  action.sa_handler = exit_at_once;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

}  // namespace

struct Signals::State {
  boost::asio::signal_set set;
  std::function<void(int)> on_first;

  State(boost::asio::io_context& context, std::function<void(int)> on_first_)
      : set(context, SIGTERM, SIGINT), on_first(std::move(on_first_)) {}
};

Signals::Signals(boost::asio::io_context& context, std::function<void(int)> on_first)
    : state_(std::make_shared<State>(context, std::move(on_first))) {
  wait(state_);
}

// Asio gives SIGTERM and SIGINT their default meaning back.
Signals::~Signals() {
  state_->on_first = nullptr;
  boost::system::error_code ignored;
  state_->set.clear(ignored);
  state_->set.cancel(ignored);
}

void Signals::wait(const std::shared_ptr<State>& state) {
  state->set.async_wait([state](const boost::system::error_code& error, int signal) {
    if (error || !state->on_first) return;  // the object is gone
    exit_on_next();
    std::exchange(state->on_first, [](int again) { exit_at_once(again); })(signal);
    // A second signal that came before exit_on_next() is still on its way through the loop.
    if (state->on_first) wait(state);
  });
}

struct UserSignal::State {
  boost::asio::signal_set set;
  std::function<void()> on_signal;

  State(boost::asio::io_context& context, int signal, std::function<void()> on_signal_)
      : set(context, signal), on_signal(std::move(on_signal_)) {}
};

UserSignal::UserSignal(boost::asio::io_context& context, int signal,
                       std::function<void()> on_signal)
    : state_(std::make_shared<State>(context, signal, std::move(on_signal))) {
  wait(state_);
}

UserSignal::~UserSignal() {
  state_->on_signal = nullptr;
  boost::system::error_code ignored;
  state_->set.cancel(ignored);
}

void UserSignal::wait(const std::shared_ptr<State>& state) {
  state->set.async_wait([state](const boost::system::error_code& error, int) {
    if (error || !state->on_signal) return;  // the object is gone
    state->on_signal();
    wait(state);
  });
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace kinto_mirror::daemon
