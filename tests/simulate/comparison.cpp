#include "comparison.hpp"

#include <boost/json/serialize.hpp>

namespace kinto_mirror::simulate {

namespace {

bool has_null_character(const model::Object& object) {
  return boost::json::serialize(object.data).find("\\u0000") != std::string::npos;
}

// PostgreSQL holds each stamp once: the next free one is as near as it can come.
bool is_next_free(const model::Shelf& replica, model::Epoch wanted, model::Epoch found) {
  for (model::Epoch stamp = wanted; stamp < found; ++stamp) {
    const auto at = replica.by_stamp.lower_bound({stamp, ""});
    if (at == replica.by_stamp.end() || at->first != stamp) return false;
  }
  return found > wanted;
}

std::string at(model::Epoch stamp) {
  return "@" + std::to_string(stamp);
}

}  // namespace

std::string Gaps::str() const {
  std::string out;
  for (const std::string& one : wrong) out += (out.empty() ? "" : "; ") + one;
  for (const std::string& one : beside) out += (out.empty() ? "" : "; ") + one;
  for (const std::string& id : extras) out += (out.empty() ? "" : "; ") + ("extra " + id);
  return out;
}

Gaps gaps_between(Site& master, Site& replica, const CollectionId& collection,
                  const History& history, Instant settled) {
  static const model::Shelf nothing;
  const model::Shelf* const held = replica.shelf(collection);
  const model::Shelf* const shown = master.shelf(collection);
  const model::Shelf& copy = held == nullptr ? nothing : *held;
  const model::Shelf& original = shown == nullptr ? nothing : *shown;
  Gaps gaps;
  for (const auto& [id, object] : original.objects) {
    if (history.changed(collection, id) >= settled) continue;
    const auto found = copy.objects.find(id);
    const bool alive = found != copy.objects.end() && !found->second.deleted;
    if (object.deleted) {
      if (alive)
        gaps.wrong.push_back(id + at(found->second.stamp) + " is deleted on the master" +
                             at(object.stamp));
      continue;
    }
    // What stands here may be an older version that looks like this one.
    const bool stands_for_it =
        alive && (found->second.stamp == object.stamp ||
                  (!replica.on_memory() && is_next_free(copy, object.stamp, found->second.stamp)));
    const bool disguised =
        stands_for_it &&
        history.may_be_placed(collection, id, found->second.stamp, found->second.data);
    if (!replica.on_memory() && has_null_character(object)) {
      const bool foreign =
          stands_for_it && history.is_ambiguous(collection, id, found->second.stamp);
      if (disguised || foreign) continue;
      gaps.impossible.push_back(id);
    } else if (!alive) {
      gaps.wrong.push_back(id + at(object.stamp) + " is missing");
    } else if (!replica.on_memory() && found->second.stamp > object.stamp &&
               found->second.stamp < object.stamp + 100) {
      const bool another =
          found->second.data != object.data && !history.is_ambiguous(collection, id, object.stamp);
      const std::string what = id + at(object.stamp) + " stands" + at(found->second.stamp);
      if (another) {
        gaps.wrong.push_back(what + " with another body");
      } else if (!is_next_free(copy, object.stamp, found->second.stamp)) {
        gaps.beside.push_back(what);
      }
    } else if (found->second.stamp != object.stamp) {
      gaps.wrong.push_back(id + at(object.stamp) + " stands" + at(found->second.stamp));
    } else if (found->second.data != object.data &&
               !history.is_ambiguous(collection, id, object.stamp) && !disguised) {
      gaps.wrong.push_back(id + at(object.stamp) + " has another body");
    }
  }
  for (const auto& [id, object] : copy.objects) {
    if (object.deleted || original.objects.contains(id)) continue;
    if (history.changed(collection, id) < settled) gaps.extras.push_back(id);
  }
  return gaps;
}

}  // namespace kinto_mirror::simulate
