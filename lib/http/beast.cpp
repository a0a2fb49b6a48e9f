// Beast is compiled once, here, for the same reason as Asio in base/asio.cpp.
#include <boost/beast/src.hpp>
