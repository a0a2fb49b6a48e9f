#include "sync/dump/anchors.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

Error refused(std::string what) {
  return {Errc::unproven, std::move(what)};
}

}  // namespace

void Anchors::begin(const std::string& name, std::size_t depth) {
  open_.push_back({name, depth, {}});
  whole_.erase(name);
}

void Anchors::end(std::size_t depth) {
  while (!open_.empty() && open_.back().depth == depth) {
    whole_.insert_or_assign(open_.back().name, std::move(open_.back().named));
    open_.pop_back();
  }
}

Result<void> Anchors::add(std::string_view json, std::size_t depth) {
  for (Open& open : open_) {
    if (json.size() > named_) {
      return refused("too much has an anchor (&" + open.name +
                     "): write it without, or load it with kinto-wizard");
    }
    named_ -= json.size();
    open.named.json += json;
    open.named.height = std::max(open.named.height, depth - open.depth);
  }
  return success();
}

Result<const Anchors::Named*> Anchors::repeat(const std::string& name) {
  const auto found = whole_.find(name);
  if (found == whole_.end()) {
    return refused("*" + name + " stands for nothing that is whole before it");
  }
  if (found->second.json.size() > repeated_) {
    return refused("too much is repeated by aliases (*" + name +
                   "): write it out, or load it with kinto-wizard");
  }
  repeated_ -= found->second.json.size();
  return &found->second;
}

}  // namespace kinto_mirror::sync::dump
