#include "sync/dump/output.hpp"

#include "sync/dump/test_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace kinto_mirror::sync::dump {

namespace {

using test::Folder;

std::string lines_of(Lines lines) {
  std::string out;
  while (true) {
    const auto line = lines.next();
    REQUIRE(line.has_value());
    if (!*line) return out;
    out += std::string(**line) + "|";
  }
}

std::string unpacked(const Folder& folder, const std::string& name) {
  auto file = DiskFile::open(folder.path(name), 0);
  REQUIRE(file.has_value());
  return lines_of(Lines(*file, 0, name.ends_with(".gz")));
}

}  // namespace

TEST_CASE("a file has its name when it is whole") {
  const Folder folder;
  {
    auto output = Output::open(folder.path("d"));
    REQUIRE(output.has_value());
    CHECK((*output)->line("one").has_value());
    CHECK(!folder.has("d"));
    CHECK(folder.has("d.part"));
    CHECK((*output)->finish().has_value());
    CHECK(folder.read("d") == "one\n");
    CHECK((*output)->bytes() == 4);
  }
  CHECK(folder.has("d"));
  CHECK(!folder.has("d.part"));
}

TEST_CASE("a dump that fails leaves the one that was there before") {
  const Folder folder;
  folder.write("d", "former\n");
  {
    auto output = Output::open(folder.path("d"));
    REQUIRE(output.has_value());
    CHECK((*output)->line("half").has_value());
  }
  CHECK(folder.read("d") == "former\n");
  CHECK(!folder.has("d.part"));
}

TEST_CASE("a listing has the rights of the one before it, and is never compressed") {
  const Folder folder;
  const std::string path = folder.write("l.gz", "former\n");
  std::filesystem::permissions(path, std::filesystem::perms(0604));
  auto output = Output::open(path, Output::Kind::listing);
  REQUIRE(output.has_value());
  CHECK((*output)->line("one").has_value());
  CHECK((*output)->finish().has_value());
  CHECK(folder.read("l.gz") == "one\n");
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms(0604));
}

TEST_CASE("two do not write one file, and a part that was left is no hindrance") {
  const Folder folder;
  folder.write("d.part", "left by a crash");
  auto first = Output::open(folder.path("d"));
  REQUIRE(first.has_value());
  const auto second = Output::open(folder.path("d"));
  REQUIRE(second.has_error());
  CHECK(second.error().code == Errc::busy);
  CHECK((*first)->line("x").has_value());
  CHECK((*first)->finish().has_value());
  CHECK(folder.read("d") == "x\n");
  CHECK(Output::open(folder.path("no/such/folder/d")).error().code == Errc::usage);
}

TEST_CASE("what came since the mark is read again, and taken back") {
  for (const std::string name : {"d", "d.gz"}) {
    CAPTURE(name);
    const Folder folder;
    auto opened = Output::open(folder.path(name));
    REQUIRE(opened.has_value());
    Output& output = **opened;
    CHECK(output.line("first").has_value());
    const std::string sum = output.sha256();
    CHECK(output.mark().has_value());
    CHECK(output.line("second").has_value());
    CHECK(output.line("third").has_value());
    auto since = output.since_mark();
    REQUIRE(since.has_value());
    CHECK(lines_of(std::move(*since)) == "second|third|");
    // More than is held back, so that some of it has gone into the file.
    for (int i = 0; i < 3000; ++i) REQUIRE(output.line(std::string(1000, 'x')).has_value());
    CHECK(output.lines() == 3003);
    CHECK(output.take_back().has_value());
    CHECK(output.lines() == 1);
    CHECK(output.sha256() == sum);
    CHECK(output.line("last").has_value());
    CHECK(output.finish().has_value());
    CHECK(unpacked(folder, name) == "first|last|");
  }
}

TEST_CASE("a long text is compressed piece by piece") {
  const Folder folder;
  auto output = Output::open(folder.path("d.gz"));
  REQUIRE(output.has_value());
  const std::string line(1000, 'x');
  for (int i = 0; i < 5000; ++i) REQUIRE((*output)->line(line).has_value());
  CHECK((*output)->finish().has_value());
  CHECK((*output)->bytes() < 100'000);
  CHECK(unpacked(folder, "d.gz").size() == 5000 * 1001);
}

TEST_CASE("a line that does not end is told, and gzip that is cut refused") {
  const Folder folder;
  folder.write("d", "one\ntwo");
  auto file = DiskFile::open(folder.path("d"), 0);
  REQUIRE(file.has_value());
  Lines lines(*file, 0, false);
  CHECK(**lines.next() == "one");
  CHECK(lines.ended());
  CHECK(**lines.next() == "two");
  CHECK(lines.offset() == 4);
  CHECK(!lines.ended());
  CHECK(!lines.next()->has_value());

  {
    auto output = Output::open(folder.path("w.gz"));
    REQUIRE(output.has_value());
    CHECK((*output)->line("one").has_value());
    CHECK((*output)->finish().has_value());
  }
  const std::string whole = folder.read("w.gz");
  folder.write("c.gz", whole.substr(0, whole.size() - 3));
  auto cut = DiskFile::open(folder.path("c.gz"), 0);
  REQUIRE(cut.has_value());
  Lines packed(*cut, 0, true);
  CHECK(packed.next().has_value());
  const auto next = packed.next();
  REQUIRE(next.has_error());
  CHECK(next.error().code == Errc::unproven);
  CHECK(next.error().message.find("is cut") != std::string::npos);
}

}  // namespace kinto_mirror::sync::dump
