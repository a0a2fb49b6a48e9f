#pragma once
// The doctest cases of this binary: their names, and a run of some of them.

#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// Told what happens, in order, on the thread of run_cases().
class CaseListener {
 public:
  virtual ~CaseListener() = default;
  virtual void began(const std::string& name) = 0;
  // A failed assertion: where, the expression and its values.
  virtual void assertion_failed(std::string details) = 0;
  // An exception left the case.
  virtual void threw(std::string what) = 0;
  virtual void ended(double seconds) = 0;
};

// In the order in which they run.
std::vector<std::string> case_names();

// Runs the cases of these names; a failure or an exception in one does not stop the others.
void run_cases(const std::vector<std::string>& names, CaseListener& listener);

}  // namespace kinto_mirror::selftest
