// Serves the Kinto model on a port of the loopback interface, which it prints. For the conformance
// suite only: one connection after the other.

#include "model/kinto.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <chrono>
#include <iostream>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using kinto_mirror::http::Request;
using kinto_mirror::http::Response;
namespace model = kinto_mirror::model;

// No two events in one millisecond: then the order of stamps is that of the requests.
model::Epoch strictly_later() {
  static model::Epoch last = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  last = std::max<model::Epoch>(last + 1,
                                std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  return last;
}

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::optional<Request> read() {
    std::size_t end = 0;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    const std::string head = unread_.substr(0, end);
    unread_.erase(0, end + 4);
    const std::size_t first = head.find("\r\n");
    const std::string line = head.substr(0, first);
    const std::size_t space = line.find(' ');
    const std::size_t last = line.rfind(' ');
    Request request(line.substr(0, space), line.substr(space + 1, last - space - 1));
    std::size_t length = 0;
    for (std::size_t at = first; at != std::string::npos;) {
      const std::size_t next = head.find("\r\n", at + 2);
      const std::string header = head.substr(at + 2, next - at - 2);
      at = next;
      const std::size_t colon = header.find(':');
      if (colon == std::string::npos) continue;
      std::string value = header.substr(colon + 1);
      value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
      request.headers.emplace_back(header.substr(0, colon), value);
    }
    if (const auto text = kinto_mirror::http::find_header(request.headers, "Content-Length")) {
      std::from_chars(text->data(), text->data() + text->size(), length);
    }
    while (unread_.size() < length) {
      if (!receive()) return std::nullopt;
    }
    request.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return request;
  }

  void write(const Response& response) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " x\r\n";
    for (const auto& [name, value] : response.headers) {
      text.append(name).append(": ").append(value).append("\r\n");
    }
    text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t count = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<std::size_t>(count);
    }
  }

 private:
  bool receive() {
    char bytes[65536];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    unread_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string unread_;
};

model::Options parse(const std::map<std::string, std::string>& flags) {
  model::Options options;
  const auto number = [&](const char* name, std::int64_t& value) {
    if (const auto found = flags.find(name); found != flags.end())
      value = std::stoll(found->second);
  };
  if (flags.contains("profile") && flags.at("profile") == "postgresql") {
    options.profile = model::Profile::postgresql;
  }
  if (flags.contains("age")) options.age = model::Age::kinto_11;
  number("storage_max_fetch_size", options.max_fetch_size);
  number("paginate_by", options.paginate_by);
  number("batch_max_requests", options.batch_max_requests);
  number("retry_after_seconds", options.retry_after_s);
  if (flags.contains("backoff")) options.backoff_s = std::stoll(flags.at("backoff"));
  options.readonly = flags.contains("readonly");
  if (const auto who = flags.find("bucket_read_principals"); who != flags.end()) {
    options.bucket_read_principals = {who->second};  // one is enough
  }
  const auto includes = flags.find("includes");
  options.history =
      includes != flags.end() && includes->second.find("history") != std::string::npos;
  if (flags.contains("eos")) {
    options.end_of_life =
        flags.at("eos") > "2026" ? model::EndOfLife::soft : model::EndOfLife::hard;
    options.end_message = flags.at("eos_message");
    options.end_url = flags.at("eos_url");
  }
  return options;
}

}  // namespace

int main(int count, char** words) {
  std::map<std::string, std::string> flags;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    flags[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  model::Kinto kinto(parse(flags), strictly_later);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 16) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::cerr << "kinto_model_server cannot listen on 127.0.0.1\n";
    return 1;
  }
  std::cout << ntohs(address.sin_port) << std::endl;
  while (true) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) return 1;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection connection(socket);
    while (const auto request = connection.read()) connection.write(kinto.answer(*request));
  }
}
