#pragma once
// A Kinto of the model that refuses some records, alone and in batches, as a plugin would.

#include "model/kinto.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace kinto_mirror::sync::test {

class Rejects {
 public:
  void add(const std::string& record, int status) { rejected_[record] = status; }

  http::Response answer(model::Kinto& kinto, http::Request request) const {
    if (const int status = rejected(request.method, request.target)) {
      return {status, {}, refusal(status)};
    }
    if (rejected_.empty() || request.target != "/v1/batch") return kinto.answer(request);
    boost::json::object batch = boost::json::parse(request.body).as_object();
    boost::json::array parts;
    std::map<std::size_t, int> out;  // by their places
    std::size_t place = 0;
    for (const boost::json::value& part : batch.at("requests").as_array()) {
      const boost::json::value* const method = part.as_object().if_contains("method");
      const std::string path(part.at("path").as_string());
      const int status = rejected(method ? std::string(method->as_string()) : "PUT", path);
      if (status == 0) parts.push_back(part);
      if (status != 0) out[place] = status;
      ++place;
    }
    if (out.empty()) return kinto.answer(request);
    boost::json::array answers;
    if (!parts.empty()) {
      batch["requests"] = std::move(parts);
      request.body = boost::json::serialize(batch);
      answers = boost::json::parse(kinto.answer(request).body).at("responses").as_array();
    }
    for (const auto& [where, status] : out) {
      boost::json::object one{{"status", status}, {"headers", boost::json::object()}};
      one["body"] = boost::json::parse(refusal(status));
      answers.insert(answers.begin() + static_cast<std::ptrdiff_t>(where), std::move(one));
    }
    return {200, {}, boost::json::serialize(boost::json::object{{"responses", answers}})};
  }

 private:
  // 0: it is not.
  [[nodiscard]] int rejected(const std::string& method, const std::string& path) const {
    const auto found = rejected_.find(path.substr(path.rfind('/') + 1));
    return method == "PUT" && found != rejected_.end() ? found->second : 0;
  }
  static std::string refusal(int status) {
    return R"({"errno":107,"message":"refused","code":)" + std::to_string(status) + "}";
  }

  std::map<std::string, int> rejected_;  // by record
};

}  // namespace kinto_mirror::sync::test
