#pragma once
// A body for Beast's parser: text that is inflated while it comes, where it is compressed.

#include "http/inflate.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::http {

struct CodedBody {
  struct value_type {
    std::string text;
    std::size_t limit = 0;  // bytes of `text`, however few they were on the line
    std::string fault;      // what is wrong with its coding, for messages
    bool cut = false;       // ... it ends too early: another try may bring the whole
  };

  class reader {
   public:
    // The header is empty yet: it is read when the body begins. REQUIRES: of a response.
    template <bool is_request, class Fields>
    reader(const boost::beast::http::header<is_request, Fields>& header, value_type& body)
        : body_(body), read_header_([&header] {
            const auto value = header[boost::beast::http::field::content_encoding];
            return Said{std::string(value.data(), value.size()), header.result_int()};
          }) {}

    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error);

    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (const auto piece : boost::beast::buffers_range_ref(buffers)) {
        const auto* data = static_cast<const char*>(piece.data());
        error = take(std::string_view(data, piece.size()));
        if (error) break;
        taken += piece.size();
      }
      return taken;
    }

    void finish(boost::system::error_code& error);

   private:
    boost::system::error_code take(std::string_view piece);
    boost::system::error_code fault(std::string_view what);

    struct Said {
      std::string coding;
      unsigned status = 0;
    };

    value_type& body_;
    std::function<Said()> read_header_;
    Said said_;
    Coding coding_ = Coding::none;
    std::unique_ptr<Inflater> inflater_;
  };
};

}  // namespace kinto_mirror::http
