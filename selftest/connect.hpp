#pragma once
// A Server for an endpoint.

#include "base/clock.hpp"
#include "kinto/server.hpp"
#include "selftest/loop.hpp"
#include "selftest/selftest.hpp"
#include "selftest/tap.hpp"

#include <memory>
#include <string>

namespace kinto_mirror::selftest {

// `clock`, `loop` and, where given, `wire` outlive it.
std::unique_ptr<kinto::Server> connect(const Endpoint& endpoint, const std::string& user_agent,
                                       Loop& loop, Clock& clock, Wire* wire = nullptr);

}  // namespace kinto_mirror::selftest
