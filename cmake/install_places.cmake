# Run by `cmake --install`, where `source`, `made`, `bindir` and `libdir` are set: the unit and the configuration, whose texts
# or places depend on the prefix.
string(RANDOM LENGTH 12 own)    # two installations at once do not meet
set(made ${made}/${own})
set(sysconfdir ${CMAKE_INSTALL_PREFIX}/etc)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(sysconfdir /etc)
endif()
set(config ${sysconfdir}/kinto-mirror/kinto-mirror.toml)

file(READ ${source}/deploy/systemd/kinto-mirror.service unit)
string(REPLACE "/usr/bin/kinto-mirror" "${CMAKE_INSTALL_PREFIX}/${bindir}/kinto-mirror" unit "${unit}")
if(NOT sysconfdir STREQUAL "/etc")
  string(REPLACE "Type=notify\n" "Type=notify\nEnvironment=KINTO_MIRROR_CONFIG=${config}\n" unit "${unit}")
endif()
file(WRITE ${made}/kinto-mirror.service "${unit}")
file(INSTALL DESTINATION ${CMAKE_INSTALL_PREFIX}/${libdir}/systemd/system TYPE FILE FILES ${made}/kinto-mirror.service)

# With the socket of the unit, so that the commands which give orders find it.
file(READ ${source}/config/kinto-mirror.toml text)
string(REPLACE "\n#path = " "\npath = " text "${text}")
file(WRITE ${made}/kinto-mirror.toml "${text}")
if(NOT EXISTS $ENV{DESTDIR}${config})
  file(INSTALL DESTINATION ${sysconfdir}/kinto-mirror TYPE FILE FILES ${made}/kinto-mirror.toml)
endif()
file(REMOVE_RECURSE ${made})
