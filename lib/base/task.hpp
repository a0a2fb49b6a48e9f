#pragma once
// What every driver returns. All of it runs on one thread, on the executor of the caller.
//
// g++ 12 frees twice what a `co_await f(Type{...})` expression builds inside itself: name an
// argument first, then move it in.

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>

namespace kinto_mirror {

template <class T>
using Task = boost::asio::awaitable<T>;

template <class T>
using ResultTask = boost::asio::awaitable<Result<T>>;

}  // namespace kinto_mirror
