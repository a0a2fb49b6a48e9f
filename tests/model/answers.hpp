#pragma once
// Answers of Kinto, and its errors: they are thrown, as in Kinto, whose control flow this follows.

#include "http/transport.hpp"
#include "model/options.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::model {

struct Raised {
  http::Response response;
};

struct Fault {
  int status = 0;
  int number = 0;  // errno
  std::string title;
  std::string message;  // none if empty
  boost::json::object details;
};

// A parameter that is refused.
struct Invalid {
  std::string location;
  std::optional<std::string> name;
  std::string description;
};

// `body` is JSON. Content-Type stands before the other `headers`.
http::Response text_answer(int status, std::string body, http::Headers headers = {});
http::Response json_answer(int status, const boost::json::object& body);
http::Response fault(const Fault& fault);
http::Response forbidden();
http::Response unauthorized();
http::Response unknown_page();
http::Response unknown_version();
http::Response method_not_allowed();
http::Response unavailable(const Options& options, std::string_view message = {});
http::Response conflict(const Options& options);
http::Response broken();  // 500
http::Response invalid(std::vector<Invalid> errors);

void set_header(http::Response& response, std::string_view name, std::string value);
// ETag and Last-Modified. Raises broken() when there is no such date.
void set_stamp(http::Response& response, Epoch stamp);
std::string http_date(Epoch ms);

}  // namespace kinto_mirror::model
