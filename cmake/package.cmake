# `cpack -G DEB` in the folder of a build makes a package for Debian of what `cmake --install` installs.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kinto-mirror)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The kinto-mirror developers <kinto-mirror@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keep Kinto servers a faithful copy of a master Kinto")
set(CPACK_PACKAGE_DESCRIPTION "A daemon that replicates the buckets, collections and records of a
Kinto server to one or more others over the public HTTP API: nothing is
installed on either server. Records arrive with their ids, bodies and
stamps, deletes follow the tombstones of the master, and doubt deletes
nothing.")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian_papers.cmake)
include(CPack)
