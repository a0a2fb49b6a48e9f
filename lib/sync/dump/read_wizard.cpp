// Makes a dump of what kinto-wizard wrote.

#include "sync/decide/scope.hpp"
#include "sync/dump/line_writer.hpp"
#include "sync/dump/mapped_file.hpp"
#include "sync/dump/readers.hpp"
#include "sync/dump/wizard_file.hpp"
#include "sync/dump/yaml_json.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

std::string counted(std::int64_t number, const char* one, const char* more) {
  return std::to_string(number) + " " + (number == 1 ? one : more);
}

// Leaves what can be restored: collections whose records are told, but for those that only a
// pattern of their own would mean, as in a dump of everything.
void choose(std::vector<WizardBucket>& buckets, std::vector<std::string>& notices) {
  const Scope everything(std::vector<std::string>{"*/*"});
  for (WizardBucket& bucket : buckets) {
    std::erase_if(bucket.collections, [&](const WizardCollection& one) {
      const CollectionId id(bucket.self.id, one.self.id);
      const bool ours = everything.contains(id);
      if (ours && one.records.empty()) {
        notices.push_back(id.str() + " is left out: the file was made without its records");
      }
      return !ours || one.records.empty();
    });
  }
  std::erase_if(buckets, [](const WizardBucket& one) { return one.collections.empty(); });
}

Told told_by(const std::vector<WizardBucket>& buckets) {
  Told told;
  told.deletions = false;
  told.permissions = false;
  const auto with_rights = [](const WizardCollection& one) {
    return !one.self.permissions.empty();
  };
  const auto with_data = [](const WizardCollection& one) { return !one.self.data.empty(); };
  for (const WizardBucket& bucket : buckets) {
    const bool data =
        !bucket.self.data.empty() && std::ranges::all_of(bucket.collections, with_data);
    told.metadata = told.metadata && data;
    told.groups = told.groups && bucket.tells_groups;
    const bool rights =
        !bucket.self.permissions.empty() || std::ranges::any_of(bucket.collections, with_rights);
    told.permissions = told.permissions || rights;
  }
  return told;
}

class Maker {
 public:
  explicit Maker(DiskFile& to) : writer_(to) {}

  Result<void> run(const std::vector<WizardBucket>& buckets, Header header) {
    auto newest = newest_of(buckets);
    if (!newest) return newest.error();
    header.date = *newest;
    auto written = writer_.header(header);
    for (const WizardBucket& bucket : buckets) {
      if (written) written = containers_of(bucket);
    }
    for (const WizardBucket& bucket : buckets) {
      for (const WizardCollection& collection : bucket.collections) {
        const CollectionId id(bucket.self.id, collection.self.id);
        if (written) written = section(id, collection);
      }
    }
    if (written) written = writer_.end();
    return written;
  }

  [[nodiscard]] std::vector<std::string> notices() const {
    std::vector<std::string> out;
    if (made_ > 0) {
      out.push_back(counted(made_, "object has", "objects have") +
                    " no last_modified in the file, and a stamp that is made of the content");
    }
    if (rights_ > 0) {
      out.push_back("the rights of " + counted(rights_, "record", "records") +
                    " are not restored: kinto-mirror copies those of containers only");
    }
    return out;
  }

 private:
  // Calls take(object, where) for each record.
  template <class Take>
  static Result<void> each_record(const CollectionId& id, const WizardCollection& collection,
                                  Take take) {
    WizardRecords records(collection.records, id.str());
    auto record = records.next();
    for (; record && *record; record = records.next()) {
      auto taken = take(**record, id.str() + "/" + (*record)->id);
      if (!taken) return taken;
    }
    return record ? success() : Result<void>(record.error());
  }

  static Result<Stamp> newest_of(const std::vector<WizardBucket>& buckets) {
    Stamp newest{1};
    for (const WizardBucket& bucket : buckets) {
      for (const WizardCollection& collection : bucket.collections) {
        WizardStamps stamps;
        auto looked = each_record({bucket.self.id, collection.self.id}, collection,
                                  [&](const WizardObject& object, const std::string& where) {
                                    const auto found = listed(object, where, stamps);
                                    if (found) newest = std::max(newest, found->stamp);
                                    return found ? success() : Result<void>(found.error());
                                  });
        if (!looked) return looked.error();
      }
    }
    return newest;
  }

  Result<void> containers_of(const WizardBucket& bucket) {
    const std::string& name = bucket.self.id;
    WizardStamps groups;
    WizardStamps collections;
    auto written = container(bucket_container(name), bucket.self, buckets_);
    for (const WizardObject& group : bucket.groups) {
      if (written) written = container({ContainerKind::group, name, group.id}, group, groups);
    }
    for (const WizardCollection& one : bucket.collections) {
      const CollectionId id(name, one.self.id);
      if (written) written = container(container_of(id), one.self, collections);
    }
    return written;
  }

  Result<void> container(const ContainerId& id, const WizardObject& object, WizardStamps& stamps) {
    auto found = listed(object, id.str(), stamps);
    if (!found) return found.error();
    auto lists = lists_of(object, id.str());
    if (!lists) return lists.error();
    if (found->made && !object.data.empty()) ++made_;
    Container one;
    one.stamp = found->stamp;
    one.data = std::move(found->json);
    one.lists = std::move(*lists);
    return writer_.container(id, one);
  }

  Result<void> section(const CollectionId& id, const WizardCollection& collection) {
    auto written = writer_.begin(id);
    if (!written) return written;
    WizardStamps stamps;
    Stamp newest{1};
    written =
        each_record(id, collection, [&](const WizardObject& object, const std::string& where) {
          const auto found = listed(object, where, stamps);
          if (!found) return Result<void>(found.error());
          newest = std::max(newest, found->stamp);
          if (found->made) ++made_;
          const bool rights =
              !object.permissions.empty() && json::whole_value(object.permissions) != "{}";
          if (rights) ++rights_;
          return writer_.record(found->json);
        });
    return written ? writer_.done(newest) : written;
  }

  LineWriter writer_;
  WizardStamps buckets_;
  std::int64_t made_ = 0;    // objects that got a stamp
  std::int64_t rights_ = 0;  // records with rights
};

Error unusable(const DiskFile& file, const Error& cause) {
  if (cause.code != Errc::unproven) return cause;
  return damaged(file, "as YAML of kinto-wizard: " + cause.message);
}

Error without_records(const DiskFile& file) {
  return {Errc::unproven, file.path() +
                              " holds no records: make it anew with `kinto-wizard dump "
                              "--buckets --collections --groups --records --data --permissions`; "
                              "containers alone are brought to a server by `kinto-wizard load`"};
}

}  // namespace

Result<Contents> read_wizard(const DiskFile& file) {
  auto json = DiskFile::temporary(file.path());
  if (!json) return json.error();
  auto converted = yaml_to_json(file, *json);
  if (!converted) return unusable(file, converted.error());
  const MappedFile mapped(*json);
  auto buckets = read_wizard_file(mapped.text());
  if (!buckets) return unusable(file, buckets.error());
  std::vector<std::string> notices;
  choose(*buckets, notices);
  if (buckets->empty()) return without_records(file);
  Header header;
  header.master = "file:" + file.path();
  for (const WizardBucket& bucket : *buckets) {
    for (const WizardCollection& one : bucket.collections) {
      header.collections.push_back(CollectionId(bucket.self.id, one.self.id).str());
    }
  }
  auto lines = DiskFile::temporary(file.path());
  if (!lines) return lines.error();
  Maker maker(*lines);
  auto made = maker.run(*buckets, std::move(header));
  if (!made) return unusable(file, made.error());
  auto contents = read_dump(std::move(*lines));
  if (!contents) return contents;
  contents->told = told_by(*buckets);
  contents->notices = std::move(notices);
  std::ranges::move(maker.notices(), std::back_inserter(contents->notices));
  return contents;
}

}  // namespace kinto_mirror::sync::dump
