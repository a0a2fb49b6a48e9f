#pragma once
// The address of the status pages, for the daemon that listens and for those who ask it.

#include "daemon/config.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>

namespace kinto_mirror::daemon {

// Listens at the configured address. Errors name setting and mend: Errc::busy where another process
// has the port, else usage or config, by where the address came from. May look a host name up, and
// block for that.
Result<boost::asio::ip::tcp::acceptor> open_listener(const boost::asio::any_io_executor& executor,
                                                     const Config& config);

// Whether somebody asked for this address: the default one may be taken by another daemon.
bool listen_was_given(const Config& config);

// "127.0.0.1:8000", "[::1]:8000"
std::string address_text(const std::string& host, std::uint16_t port);

// Where to ask the daemon of this configuration: an address that means all of them becomes the
// loopback. Errors: Errc::config, where the pages are off or the port is not known.
Result<Listen> asked_address(const Config& config);

}  // namespace kinto_mirror::daemon
