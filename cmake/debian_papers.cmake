# Run by CPack when everything is installed into the folder of the package: what Debian's policy asks for besides.
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(doc ${root}/usr/share/doc/kinto-mirror)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)

# The licence is in /usr/share/common-licenses, and `copyright` says so.
file(REMOVE ${doc}/LICENSE)
file(COPY ${source}/deploy/debian/copyright DESTINATION ${doc})

# The date is that of the sources where SOURCE_DATE_EPOCH gives it, so that a package can be made twice alike.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog "kinto-mirror (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * What changed is in /usr/share/doc/kinto-mirror/CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
execute_process(COMMAND gzip -9nf ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)

# Where the credentials of the servers go.
file(MAKE_DIRECTORY ${root}/etc/kinto-mirror/auth)

# What it is made of.
execute_process(COMMAND python3 ${source}/deploy/sbom.py ${root}/usr/bin/kinto-mirror OUTPUT_FILE ${doc}/kinto-mirror.cdx.json
  COMMAND_ERROR_IS_FATAL ANY)
