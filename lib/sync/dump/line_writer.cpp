#include "sync/dump/line_writer.hpp"

namespace kinto_mirror::sync::dump {

namespace {

constexpr std::size_t bytes_at_once = std::size_t{1} << 20U;

}  // namespace

Result<void> LineWriter::container(const ContainerId& id, const Container& container) {
  ++totals_.containers;
  return line(to_line(id, container));
}

Result<void> LineWriter::begin(const CollectionId& id) {
  section_ = Section{};
  section_.id = id;
  return line(begin_line(id));
}

Result<void> LineWriter::record(std::string_view raw) {
  ++section_.records;
  ++section_.lines;
  return line(object_line(false, raw));
}

Result<void> LineWriter::done(Stamp etag) {
  section_.etag = etag;
  ++totals_.sections;
  totals_.records += section_.records;
  return line(to_line(section_));
}

Result<void> LineWriter::end() {
  totals_.sha256 = checksum_.hex();
  waiting_ += to_line(totals_) + "\n";
  return flush();
}

Result<void> LineWriter::line(std::string_view text) {
  checksum_.add(text);
  checksum_.add("\n");
  waiting_ += text;
  waiting_ += '\n';
  ++totals_.lines;
  return waiting_.size() < bytes_at_once ? success() : flush();
}

Result<void> LineWriter::flush() {
  auto written = to_.write(waiting_);
  waiting_.clear();
  return written;
}

}  // namespace kinto_mirror::sync::dump
