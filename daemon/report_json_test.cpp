#include "daemon/report_json.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

namespace json = boost::json;

sync::RunReport one_collection(sync::State state) {
  sync::RunReport report;
  report.replicas.resize(1);
  report.replicas[0].name = "paris";
  report.replicas[0].collections.resize(1);
  report.replicas[0].collections[0].id = CollectionId("b", "c");
  report.replicas[0].collections[0].state = state;
  return report;
}

json::object collection_of(const std::string& text) {
  return json::parse(text).at("replicas").at(0).at("collections").at(0).as_object();
}

}  // namespace

TEST_CASE("where the numbers tell it all, nothing is added to them") {
  for (const sync::State state : {sync::State::in_sync, sync::State::different}) {
    const std::string text = report_json(one_collection(state));
    const json::object collection = collection_of(text);
    CHECK(collection.size() == 12);
    for (const char* key : {"reason", "error", "brake", "notes"}) CHECK(!collection.contains(key));
    CHECK(json::parse(text).as_object().size() == 2);
    CHECK(json::parse(text).at("replicas").at(0).as_object().size() == 4);
  }
}

TEST_CASE("containers stand beside the collections, with what differs and why") {
  SecretGuard guard;
  guard.add({"hunter2-hunter2"});
  sync::RunReport report = one_collection(sync::State::in_sync);
  const auto containers = [&] {
    return json::parse(report_json(report, {}, guard)).at("replicas").at(0).at("containers");
  };
  CHECK(containers() == json::parse(R"({"same": 0, "created": 0, "updated": 0, "deleted": 0,
        "differences": [], "state": "in-sync"})"));
  sync::ContainersReport& told = report.replicas[0].containers;
  told.same = 4;
  told.written = {1, 2, 3};
  told.state = sync::State::different;
  using Kind = sync::ContainerDifference::Kind;
  told.differences = {{"b/collections/c", Kind::undeleted, "hunter2-hunter2 stays"},
                      {"b/groups/g", Kind::unknown_permissions, ""}};
  CHECK(containers() == json::parse(R"({"same": 4, "created": 1, "updated": 2, "deleted": 3,
        "differences": [{"id": "b/collections/c", "kind": "undeleted", "reason": "**** stays"},
                        {"id": "b/groups/g", "kind": "unknown-permissions",
                         "reason": "its permissions are not shown"}], "state": "different"})"));
  CHECK(json::parse(report_json(report)).at("in_sync") == false);
  told = {};
  told.state = sync::State::failed;
  told.error = Error(Errc::forbidden, "hunter2-hunter2 may not");
  CHECK(containers().at("state") == "failed");
  CHECK(containers().at("error") ==
        json::value{{"kind", "forbidden"}, {"message", "**** may not"}});
  // Of a replica that was not compared they were not either.
  told = {};
  report.replicas[0].error = Error(Errc::unreachable, "refused");
  CHECK(containers().at("state") == "failed");
}

TEST_CASE("the report says why a collection was not compared") {
  sync::RunReport report = one_collection(sync::State::failed);
  report.replicas[0].collections[0].error = Error(Errc::forbidden, "master: 403");
  report.replicas[0].collections[0].notes.emplace_back("it is odd");
  const json::object collection = collection_of(report_json(report));
  CHECK(collection.at("reason") == "master: 403");
  CHECK(collection.at("error") == json::value{{"kind", "forbidden"}, {"message", "master: 403"}});
  CHECK(collection.at("notes") == json::value(json::array{"it is odd"}));
}

TEST_CASE("the report says what the brake holds, or would hold") {
  for (const sync::State state : {sync::State::brake, sync::State::different}) {
    sync::RunReport report = one_collection(state);
    sync::BrakeReport brake;
    brake.would_delete = 40;
    brake.allowed = 10;
    brake.ids = {"x"};
    report.replicas[0].collections[0].brake = brake;
    Caller caller;
    caller.flags = " --config m.toml";
    const json::object collection = collection_of(report_json(report, {}, {}, caller));
    CHECK(collection.at("brake") ==
          json::value{{"would_delete", 40}, {"allowed", 10}, {"ids", json::array{"x"}}});
    const std::string reason(collection.at("reason").as_string());
    CHECK(reason.find("--max-delete 40") != std::string::npos);
    const bool command = reason.find("--max-delete 40 --config m.toml") != std::string::npos;
    CHECK(command == (state == sync::State::brake));
  }
}

TEST_CASE("the report says why a replica was not compared, and what was noticed, without secrets") {
  SecretGuard guard;
  guard.add({"hunter2-hunter2"});
  sync::RunReport report = one_collection(sync::State::in_sync);
  report.replicas[0].error = Error(Errc::unreachable, "refused\xFF, said hunter2-hunter2");
  Notices seen;
  seen.notice("paris", CollectionId(), "hunter2-hunter2");
  seen.notice("paris", CollectionId("b", "c"), "was emptied");
  const json::value out = json::parse(report_json(report, seen.all(), guard));
  CHECK(out.at("replicas").at(0).at("error") ==
        json::value{{"kind", "unreachable"}, {"message", "refused\xEF\xBF\xBD, said ****"}});
  CHECK(out.at("notices").at(0) == json::value{{"replica", "paris"}, {"message", "****"}});
  CHECK(out.at("notices").at(1).at("collection") == "b/c");
}

}  // namespace kinto_mirror::daemon
