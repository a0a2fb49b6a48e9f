#include "site.hpp"

#include "model/credentials.hpp"
#include "sim_clock.hpp"

#include <boost/json/serialize.hpp>

#include <functional>
#include <utility>

namespace kinto_mirror::simulate {

namespace {

std::string basic(const std::string& user) {
  return "Basic " + model::to_base64(user + ":secret");
}

}  // namespace

std::size_t hash_of(const boost::json::object& body) {
  return std::hash<std::string>{}(boost::json::serialize(body));
}

std::size_t hash_of(const model::Object& object) {
  if (!object.hash) object.hash = hash_of(object.data);
  return *object.hash;
}

std::string path_of(const CollectionId& id) {
  return "/buckets/" + id.bucket + "/collections/" + id.collection;
}

std::string records_of(const CollectionId& id) {
  return path_of(id) + "/records";
}

Site::Site(std::string name, model::Options options, const Timeline& timeline, Millis wrong_by)
    : name_(std::move(name)),
      timeline_(timeline),
      wrong_by_(wrong_by),
      max_batch_(options.batch_max_requests),
      kinto_(std::move(options), [this] { return now(); }) {}

model::Epoch Site::now() const {
  return epoch + (timeline_.now().time_since_epoch() + wrong_by_).count();
}

http::Request Site::admins(std::string method, const std::string& path, std::string body) {
  return {std::move(method),
          "/v1" + path,
          {{"Authorization", basic("admin")}, {"Host", "admin.test"}},
          std::move(body)};
}

http::Response Site::admin(std::string method, const std::string& path, std::string body) {
  return kinto_.answer(admins(std::move(method), path, std::move(body)));
}

std::string Site::daemons_authorization(std::string_view site) {
  return basic("mirror-of-" + std::string(site));
}

const std::string& Site::daemons_principal() {
  if (principal_.empty()) {
    const std::string& secret = std::as_const(kinto_).options().hmac_secret;
    principal_ = model::principal_of(authorization_, secret).value();
  }
  return principal_;
}

void Site::provide(const CollectionId& id, const std::string& right) {
  const std::string permissions =
      R"({"permissions":{")" + right + R"(":[")" + daemons_principal() + R"("]}})";
  admin("PUT", "/buckets/" + id.bucket, permissions);
  admin("PUT", path_of(id));
}

const model::Shelf* Site::shelf(const CollectionId& id) const {
  return kinto_.store().shelf({path_of(id), "record"});
}

std::uint64_t Site::made(const CollectionId& id) const {
  const model::Object* const there =
      kinto_.store().live({"/buckets/" + id.bucket, "collection"}, id.collection);
  return there == nullptr ? 0 : there->order;
}

bool Site::shows(const CollectionId& id) const {
  return kinto_.store().live({"/buckets/" + id.bucket, "collection"}, id.collection) != nullptr;
}

std::optional<model::Epoch> Site::deleted_by_history(const CollectionId& id) const {
  const model::Shelf* const entries = kinto_.store().shelf({"/buckets/" + id.bucket, "history"});
  std::optional<model::Epoch> out;
  if (entries == nullptr) return out;
  for (const auto& [name, entry] : entries->objects) {
    if (entry.data.at("uri").as_string() != path_of(id)) continue;
    const auto stamp = entry.data.at("target").at("data").at("last_modified").as_int64();
    out = std::max(out.value_or(stamp), stamp);
  }
  return out;
}

Contents Site::contents(const CollectionId& id) const {
  Contents out;
  if (const model::Shelf* const held = shelf(id)) {
    for (const auto& [name, object] : held->objects)
      out[name] = {object.stamp, object.deleted, hash_of(object)};
  }
  return out;
}

}  // namespace kinto_mirror::simulate
