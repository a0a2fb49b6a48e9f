// Checkpoints: what is taken is the same when it is written again, alone and in a file of many.

#include "sync/decide/checkpoint.hpp"

#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "oracle.hpp"
#include "sync/keep/checkpoint_file.hpp"

namespace kinto_mirror::fuzz {

namespace {

void read_one(std::string_view text) {
  const auto checkpoint = sync::decode(text);
  if (!checkpoint) return;
  const std::string written = sync::encode(*checkpoint);
  const auto again = sync::decode(written);
  hold(again && *again == *checkpoint, "a checkpoint is another one when it is written again");
  hold(checkpoint->refused.size() <= sync::Checkpoint::max_refused, "it names too many");
  hold(checkpoint->cursor.ms >= 0 && checkpoint->etag.ms >= 0, "a stamp lies before all");
  (void)sync::before_of(*checkpoint);
  const std::string id = sync::checkpoint_id(checkpoint->master, checkpoint->collection);
  constexpr std::string_view fit =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  hold(id.find_first_not_of(fit) == std::string::npos, "the id of a checkpoint is none of Kinto's");
}

void read_file(std::string_view text) {
  const auto lines = sync::CheckpointFile::parse(text);
  hold(!lines || by_boost(text), "a file that is no JSON is taken");
  if (!lines) return;
  const std::string written = sync::CheckpointFile::print(*lines);
  bool all_valid = true;
  for (const auto& [key, value] : *lines) {
    all_valid = all_valid && to_valid_utf8(key) == key;
    read_one(value);
  }
  if (!all_valid) return;  // a key of the half of a pair, which we write nowhere
  hold(by_boost(written).has_value(), "a file that is written is no JSON");
  hold(sync::CheckpointFile::parse(written) == lines, "a file is another one when written again");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = kinto_mirror::fuzz::text_of(data, size);
  kinto_mirror::fuzz::read_one(text);
  kinto_mirror::fuzz::read_file(text);
  return 0;
}
