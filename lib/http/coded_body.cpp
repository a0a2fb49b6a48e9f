#include "http/coded_body.hpp"

#include <algorithm>

namespace kinto_mirror::http {

namespace {

using boost::system::error_code;

error_code too_large() {
  return make_error_code(boost::beast::http::error::body_limit);
}

}  // namespace

void CodedBody::reader::init(const boost::optional<std::uint64_t>& length, error_code& error) {
  error = {};
  said_ = read_header_();
  coding_ = coding_of(said_.coding);
  if (!length || coding_ != Coding::none) return;
  if (*length > body_.limit) {
    error = too_large();
  } else {
    body_.text.reserve(static_cast<std::size_t>(*length));
  }
}

// An answer without a body, to a HEAD for example, may name whatever coding it likes.
error_code CodedBody::reader::take(std::string_view piece) {
  if (piece.empty()) return {};
  // Of a failure the status tells enough.
  constexpr unsigned first_failure = 300;
  if (coding_ == Coding::other && said_.status >= first_failure) return {};
  if (coding_ == Coding::other) return fault("is not understood");
  if (coding_ == Coding::none) {
    if (piece.size() > body_.limit - body_.text.size()) return too_large();
    body_.text.append(piece);
    return {};
  }
  if (!inflater_) inflater_ = std::make_unique<Inflater>(coding_);
  const auto outcome = inflater_->add(piece, body_.text, body_.limit);
  if (outcome == Inflater::Outcome::too_large) return too_large();
  return outcome == Inflater::Outcome::broken ? fault("is not what the body is") : error_code();
}

void CodedBody::reader::finish(error_code& error) {
  body_.cut = inflater_ && !inflater_->complete();
  error = body_.cut ? fault("ends too early") : error_code();
}

error_code CodedBody::reader::fault(std::string_view what) {
  body_.fault =
      "the answer has \"Content-Encoding: " + said_.coding.substr(0, 60) + "\", which " +
      std::string(what) +
      "; gzip and deflate are understood, or none: mend what stands in front of the server";
  return make_error_code(boost::beast::http::error::bad_value);
}

}  // namespace kinto_mirror::http
