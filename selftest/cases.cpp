#define DOCTEST_CONFIG_IMPLEMENT
// Signals are ours: doctest would take SIGINT and SIGTERM for crashes.
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#include "selftest/cases.hpp"

#include "selftest/doctest.hpp"

#include <string_view>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

// doctest makes reporters by itself, and passes them nothing of ours.
CaseListener* g_listener = nullptr;
std::vector<std::string>* g_names = nullptr;

// "selftest/scenarios/basics.cpp:12", wherever it was built.
std::string place(const char* file, int line) {
  std::string_view path(file);
  const std::size_t root = path.rfind("selftest/");
  if (root != std::string_view::npos) path.remove_prefix(root);
  return std::string(path) + ":" + std::to_string(line);
}

// What INFO and CAPTURE say about the place of a failure.
std::string contexts() {
  std::ostringstream out;
  const int count = doctest::IReporter::get_num_active_contexts();
  const doctest::IContextScope* const* scopes = doctest::IReporter::get_active_contexts();
  for (int i = 0; i < count; ++i) {
    out << "\n  with ";
    scopes[i]->stringify(&out);
  }
  return out.str();
}

class Reporter final : public doctest::IReporter {
 public:
  explicit Reporter(const doctest::ContextOptions& /*options*/) {}

  void report_query(const doctest::QueryData& query) override {
    for (unsigned i = 0; i < query.num_data; ++i) g_names->emplace_back(query.data[i]->m_name);
  }
  void test_case_start(const doctest::TestCaseData& test) override {
    g_listener->began(test.m_name);
  }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    g_listener->ended(stats.seconds);
  }
  void test_case_exception(const doctest::TestCaseException& error) override {
    g_listener->threw(error.error_string.c_str());
  }
  void log_assert(const doctest::AssertData& data) override {
    if (!data.m_failed) return;
    std::string text = place(data.m_file, data.m_line) + ": " + doctest::assertString(data.m_at) +
                       "( " + data.m_expr + " )";
    if (data.m_threw) {
      text += " threw: " + std::string(data.m_exception.c_str());
    } else {
      text += ": " + std::string(data.m_decomp.c_str());
    }
    g_listener->assertion_failed(text + contexts());
  }
  void log_message(const doctest::MessageData& message) override {
    if ((message.m_severity & doctest::assertType::is_warn) != 0) return;
    g_listener->assertion_failed(place(message.m_file, message.m_line) + ": " +
                                 message.m_string.c_str() + contexts());
  }
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& /*stats*/) override {}
  void test_case_reenter(const doctest::TestCaseData& /*test*/) override {}
  void subcase_start(const doctest::SubcaseSignature& /*subcase*/) override {}
  void subcase_end() override {}
  void test_case_skipped(const doctest::TestCaseData& /*test*/) override {}
};

REGISTER_REPORTER("selftest", 1, Reporter);

void configure(doctest::Context& context) {
  context.setOption("dt-reporters", "selftest");
  context.setOption("dt-case-sensitive", true);
  context.setOption("dt-no-breaks", true);
}

}  // namespace

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  g_names = &names;
  doctest::Context context;
  const char* const list[] = {"", "-dt-list-test-cases"};  // a flag, which setOption cannot set
  context.applyCommandLine(2, list);
  configure(context);
  context.run();
  g_names = nullptr;
  return names;
}

void run_cases(const std::vector<std::string>& names, CaseListener& listener) {
  std::string filter;  // of doctest: names hold neither commas nor wildcards
  for (const std::string& name : names) filter += (filter.empty() ? "" : ",") + name;
  g_listener = &listener;
  doctest::Context context;
  configure(context);
  context.addFilter("dt-test-case", filter.c_str());
  context.run();
  g_listener = nullptr;
}

}  // namespace kinto_mirror::selftest
