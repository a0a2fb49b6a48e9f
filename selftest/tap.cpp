#include "selftest/tap.hpp"

#include "base/json_slice.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::selftest {

namespace {

bool is_write(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

std::string_view path_only(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// "/buckets/b" of "/prefix/v1/buckets/b?x=y"
std::string below_root(std::string_view target) {
  const std::string_view path = path_only(target);
  const std::size_t begin = path.find("/buckets/");
  return std::string(begin == std::string_view::npos ? path : path.substr(begin));
}

std::string text_of(std::string_view object, std::string_view key) {
  const auto value = json::member(object, key);
  return value ? json::to_string(*value).value_or("") : "";
}

class Tap final : public http::Transport {
 public:
  Tap(std::unique_ptr<http::Transport> transport, Wire& wire)
      : transport_(std::move(transport)), wire_(wire) {}

  ResultTask<http::Response> exchange(const http::Request& request) override {
    if (wire_.before) call_before(request);
    for (std::string& write : writes_of(request)) wire_.writes.push_back(std::move(write));
    if (lists_records(request)) {
      ++wire_.record_pages;
      if (wire_.page_limit > 0) return exchange_small(request);
    }
    return transport_->exchange(request);
  }
  void abort() override { transport_->abort(); }
  [[nodiscard]] const http::Origin& origin() const noexcept override {
    return transport_->origin();
  }

 private:
  // Keeps the request that it changes until there is an answer.
  ResultTask<http::Response> exchange_small(http::Request request) {
    request.target = with_page_limit(std::move(request.target), wire_.page_limit);
    co_return co_await transport_->exchange(request);
  }

  // The engine is no place for a scenario's exception.
  void call_before(const http::Request& request) {
    try {
      wire_.before(request);
    } catch (...) {
      if (!wire_.error) wire_.error = std::current_exception();
    }
  }

  std::unique_ptr<http::Transport> transport_;
  Wire& wire_;
};

}  // namespace

std::vector<std::string> writes_of(const http::Request& request) {
  std::vector<std::string> out;
  if (!is_write(request.method)) return out;
  if (!path_only(request.target).ends_with("/batch")) {
    out.push_back(request.method + " " + below_root(request.target));
    return out;
  }
  json::ArrayReader parts(json::member(request.body, "requests").value_or(""));
  for (std::string_view part; parts.next(part);) {
    const std::string method = text_of(part, "method");
    if (is_write(method)) out.push_back(method + " " + below_root(text_of(part, "path")));
  }
  return out;
}

bool lists_records(const http::Request& request) {
  return request.method == "GET" && path_only(request.target).ends_with("/records");
}

std::string with_page_limit(std::string target, std::int64_t limit) {
  constexpr std::string_view key = "_limit=";
  const std::size_t at = target.find(key);
  if (at == std::string::npos) {
    target += (target.find('?') == std::string::npos ? "?" : "&") + std::string(key);
    return target + std::to_string(limit);
  }
  const std::size_t begin = at + key.size();
  const std::size_t end = std::min(target.find('&', begin), target.size());
  const auto asked = json::to_int(std::string_view(target).substr(begin, end - begin));
  if (!asked || *asked > limit) target.replace(begin, end - begin, std::to_string(limit));
  return target;
}

std::unique_ptr<http::Transport> tapped(std::unique_ptr<http::Transport> transport, Wire& wire) {
  return std::make_unique<Tap>(std::move(transport), wire);
}

}  // namespace kinto_mirror::selftest
