#include "selftest/session.hpp"

#include <cassert>
#include <ostream>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

using Verdict = ScenarioResult::Verdict;

Session* g_session = nullptr;

}  // namespace

Session::Session(const Settings& settings, std::uint64_t seed, const Interrupt& interrupt,
                 std::ostream& out)
    : settings_(settings), seed_(seed), interrupt_(interrupt), out_(out), litter_(settings) {
  assert(g_session == nullptr);
  g_session = this;
}

Session::~Session() {
  g_session = nullptr;
}

Session& session() {
  assert(g_session != nullptr);
  return *g_session;
}

void Session::admit() {
  if (interrupt_.requested()) throw Interrupted();
  if (lost_) skip("not begun: " + *lost_);
}

void Session::skip(const std::string& why) {
  skipped_ = why;
  throw Skipped(why);
}

void Session::began(const std::string& name) {
  skipped_.reset();
  current_ = ScenarioResult();
  current_.name = name;
}

void Session::assertion_failed(std::string details) {
  current_.verdict = Verdict::failed;
  current_.details.push_back(std::move(details));
}

void Session::threw(std::string what) {
  if (current_.verdict != Verdict::failed) {
    const bool skipped = interrupt_.requested() || what == skipped_;
    current_.verdict = skipped ? Verdict::skipped : Verdict::failed;
  }
  current_.details.push_back(std::move(what));
}

void Session::ended(double seconds) {
  current_.seconds = seconds;
  out_ << to_text(current_) << std::flush;
  results_.push_back(std::move(current_));
}

}  // namespace kinto_mirror::selftest
