// What befalls a site: resets, losses, meddlers, rights that are taken away.
#include "people.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

void People::reset() {
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    replicas_backups_[i].push_back(replicas_[i]->kinto().store());
  }
  backups_.push_back(master_.kinto().store());
  if (random_.percent(60)) {
    reset_master();
  } else {
    reset_replica(*random_.pick(replicas_));
  }
  looked_at();
}

void People::reset_master() {
  const CollectionId& id = random_.pick(scenario_.collections);
  switch (random_.below(6)) {
    case 0:
      told("master is flushed");
      master_.admin("POST", "/__flush__");
      break;
    case 1:
      told("master is restarted");
      open_.clear();
      master_.kinto().restart();
      break;
    case 2:
      told("master is restored");
      master_.kinto().restore(random_.pick(backups_));
      break;
    case 3:
      told("master is purged");
      master_.kinto().purge_deleted("/buckets/*");
      return;
    case 4:
      on_master("DELETE", path_of(id));
      break;
    default:
      on_master("DELETE", "/buckets/" + id.bucket);
      break;
  }
  // It is written again soon, later, or never.
  if (random_.percent(40)) {
    provide_master();
  } else if (random_.percent(70)) {
    timeline_.after(Millis{random_.between(1, 60'000)}, [this] {
      provide_master();
      looked_at();
    });
  }
}

void People::reset_replica(Site& site) {
  judge_.disturbed(site);
  const auto at = static_cast<std::size_t>(
      std::ranges::find(replicas_, &site, [](const auto& one) { return one.get(); }) -
      replicas_.begin());
  const CollectionId& id = random_.pick(scenario_.collections);
  switch (random_.below(5)) {
    case 0:
      told(site.name() + " is flushed");
      site.admin("POST", "/__flush__");
      break;
    case 1:
      told(site.name() + " is restarted");
      site.kinto().restart();
      break;
    case 2:
      told(site.name() + " is restored");
      site.kinto().restore(random_.pick(replicas_backups_[at]));
      break;
    case 3:
      told(site.name() + " is purged");
      site.kinto().purge_deleted("/buckets/*");
      break;
    default:
      lose_collection(site, id);
      break;
  }
}

void People::lose_collection(Site& site, const CollectionId& id) {
  told(site.name() + " loses " + id.str());
  judge_.deleted(site, path_of(id));
  site.kinto().answer({"DELETE",
                       "/v1" + path_of(id),
                       {{"Authorization", Site::daemons_authorization(site.name())}}});
}

void People::lose() {
  Site& site = *random_.pick(replicas_);
  const CollectionId& id = random_.pick(scenario_.collections);
  judge_.disturbed(site);
  if (random_.percent(50)) return lose_collection(site, id);
  const std::string some = std::to_string(random_.below(serial_ + 2));
  site.admin("DELETE", records_of(id) + "?max_n=" + some);
  told(site.name() + " loses records of " + id.str());
  judge_.lost(site, id);
}

// Somebody writes to a replica, with the daemon's rights.
void People::meddle() {
  Site& site = *random_.pick(replicas_);
  const CollectionId& id = random_.pick(scenario_.collections);
  std::string record =
      random_.percent(40) ? "own-" + std::to_string(random_.below(20)) : a_record_of(site, id);
  const bool erase = random_.percent(35);
  http::Request request(erase ? "DELETE" : "PUT", "/v1" + records_of(id) + "/" + record,
                        {{"Authorization", Site::daemons_authorization(site.name())}},
                        erase ? "" : body(std::nullopt));
  judge_.disturbed(site);
  http::Response response = site.kinto().answer(request);
  told(site.name() + " " + request.method + " " + request.target + " -> " +
       std::to_string(response.status));
  // Another body at what is, or will be, a stamp of the master's is what nobody can find.
  const Contents now = site.contents(id);
  const auto held = now.find(record);
  if (!erase && held != now.end()) history_.note_foreign(id, record, held->second.stamp);
}

void People::change_rights() {
  const CollectionId& id = random_.pick(scenario_.collections);
  Site& site = random_.percent(60) ? master_ : *random_.pick(replicas_);
  const std::string right = &site == &master_ ? "read" : "write";
  const std::string principal = site.daemons_principal();
  if (&site != &master_ && !scenario_.prepared) return;
  judge_.disturbed(site);
  site.admin("PATCH", "/buckets/" + id.bucket, R"({"permissions":{")" + right + R"(":[]}})");
  const bool part = random_.percent(50);
  if (part) {
    const std::string object =
        random_.percent(50) ? path_of(id) : records_of(id) + "/" + a_record_of(site, id);
    const std::string given = object == path_of(id) ? "record:create" : right;
    site.admin("PATCH", object, R"({"permissions":{")" + given + R"(":[")" + principal + R"("]}})");
  }
  judge_.rights_taken(site);
  told(site.name() + " takes rights away" + (part ? ", but for a part" : ""));
  looked_at();
  timeline_.after(Millis{random_.between(1'000, 90'000)}, [this, &site, right, principal, id] {
    site.admin("PATCH", "/buckets/" + id.bucket,
               R"({"permissions":{")" + right + R"(":[")" + principal + R"("]}})");
    told(site.name() + " gives rights back");
    judge_.disturbed(site);
    looked_at();
  });
}

}  // namespace kinto_mirror::simulate
