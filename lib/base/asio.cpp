// Asio is compiled once, here: a small file costs half a minute otherwise.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
