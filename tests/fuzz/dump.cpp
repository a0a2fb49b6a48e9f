// Dumps: lines, and whole files, which stand as a server once they were taken.

#include "fuzz.hpp"
#include "kinto/page.hpp"
#include "sync/dump/checksum.hpp"
#include "sync/dump/file_kinto.hpp"
#include "sync/dump/format.hpp"
#include "sync/dump/readers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>
#include <sys/mman.h>
#include <unistd.h>

namespace kinto_mirror::fuzz {

namespace {

namespace dump = sync::dump;
namespace asio = boost::asio;

void read_line(std::string_view text) {
  const auto line = dump::read_line(text);
  if (!line) return;
  hold(line->body.data() >= text.data() &&
           line->body.data() + line->body.size() <= text.data() + text.size(),
       "what was cut out is not of the line");
  (void)dump::read_header(line->body);
  (void)dump::read_container(line->body);
  (void)dump::read_object(line->body);
  if (const auto section = dump::read_done(line->body)) {
    const std::string written = dump::to_line(*section);
    const auto again = dump::read_line(written);
    hold(again && dump::read_done(again->body).has_value(), "a section cannot be read again");
  }
  (void)dump::read_end(line->body);
}

sync::DiskFile file_of(std::string_view text) {
  sync::DiskFile file(::memfd_create("fuzz", MFD_CLOEXEC), "the file");
  hold(file.write(text).has_value(), "no memory for a file");
  return file;
}

// With a last line that fits what stands before it, which no fuzzer would find.
std::string ended(std::string_view text) {
  dump::Totals totals;
  sync::Checksum checksum;
  Input input(text);
  std::string out;
  while (!input.empty()) {
    const std::string line(input.line());
    checksum.add(line + "\n");
    out += line + "\n";
    ++totals.lines;
    const auto read = dump::read_line(line);
    if (!read) continue;
    if (read->kind == dump::LineKind::container) ++totals.containers;
    if (read->kind != dump::LineKind::done) continue;
    const auto section = dump::read_done(read->body);
    if (!section) continue;
    ++totals.sections;
    constexpr std::int64_t many = 1'000'000;
    totals.records += std::min(section->records, many);
    totals.tombstones += std::min(section->tombstones, many);
  }
  totals.sha256 = checksum.hex();
  return out + dump::to_line(totals) + "\n";
}

Task<void> get(dump::FileKinto& server, std::string target) {
  const http::Request request("GET", std::move(target));
  const auto answer = co_await server.exchange(request);
  hold(answer.has_value(), "a file that was taken cannot be read");
  if (answer->status != 200) co_return;
  const auto page = kinto::parse_page(answer->body);
  hold(page.has_value(), "a file that was taken gives what is no page");
}

Task<void> list_all(dump::FileKinto& server, std::vector<std::string> paths) {
  for (const std::string& path : paths) {
    const std::string target = "/v1" + path;
    co_await get(server, target);
    co_await get(server, target + "?_since=0&_limit=2");
    co_await get(server, target + "?_sort=id&_before=9&_fields=deleted");
  }
}

void serve(dump::Contents contents) {
  std::vector<std::string> paths;
  for (const auto& [path, endpoint] : contents.endpoints) paths.push_back(path);
  dump::FileKinto server(std::move(contents));
  asio::io_context context;
  asio::co_spawn(context, list_all(server, std::move(paths)), [](const std::exception_ptr& error) {
    hold(!error, "a file that stands as a server throws");
  });
  context.run();
}

void read_file(std::string_view text) {
  auto contents = dump::read_dump(file_of(text));
  if (contents) serve(std::move(*contents));
}

void read_published(std::string_view text) {
  auto contents = dump::read_remote_settings(file_of(text), CollectionId("main", "x"));
  if (contents) serve(std::move(*contents));
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::Input input(text);
  while (!input.empty()) fuzz::read_line(input.line());
  if (!text.starts_with("{\"kinto-mirror-dump\"")) {
    fuzz::read_published(text);
    return 0;
  }
  fuzz::read_file(text);
  fuzz::read_file(fuzz::ended(text));
  return 0;
}
