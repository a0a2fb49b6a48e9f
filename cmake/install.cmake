# `cmake --install BUILD --prefix DIR`: the program, its manual and completions, a systemd unit, the configuration to begin
# with, its schema, alert rules and a dashboard, licences.
include(GNUInstallDirs)

set(MANUAL ${CMAKE_BINARY_DIR}/manual)
find_program(GZIP gzip REQUIRED)

# made(PART FILE): what `kinto_mirror_manual PART` prints; compressed where FILE ends in .gz.
set(made_files)
function(made part file)
  set(out ${MANUAL}/${file})
  if(file MATCHES "\\.gz$")
    set(command sh -c "\"$1\" ${part} | ${GZIP} -9n >\"$2\"" sh $<TARGET_FILE:kinto_mirror_manual> ${out})
  else()
    set(command sh -c "\"$1\" ${part} >\"$2\"" sh $<TARGET_FILE:kinto_mirror_manual> ${out})
  endif()
  add_custom_command(OUTPUT ${out} COMMAND ${CMAKE_COMMAND} -E make_directory ${MANUAL} COMMAND ${command}
    DEPENDS kinto_mirror_manual VERBATIM)
  set(made_files ${made_files} ${out} PARENT_SCOPE)
endfunction()
made(man kinto-mirror.1.gz)
made(file kinto-mirror.toml.5.gz)
made(bash kinto-mirror.bash)
made(zsh _kinto-mirror)
made(fish kinto-mirror.fish)
add_custom_target(manual ALL DEPENDS ${made_files})

install(TARGETS kinto-mirror RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${MANUAL}/kinto-mirror.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${MANUAL}/kinto-mirror.toml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${MANUAL}/kinto-mirror.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME kinto-mirror)
install(FILES ${MANUAL}/_kinto-mirror DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${MANUAL}/kinto-mirror.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES config/kinto-mirror.schema.json deploy/prometheus/kinto-mirror.rules.yml
  deploy/prometheus/scrape.yml deploy/prometheus/dashboard.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/kinto-mirror)
install(FILES README.md LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES config/kinto-mirror.toml config/two-replicas.toml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# What names other places is made when the prefix is known. A configuration that is there already is somebody's, and stays.
install(CODE "
  set(source \"${PROJECT_SOURCE_DIR}\")
  set(made \"${MANUAL}\")
  set(bindir \"${CMAKE_INSTALL_BINDIR}\")
  set(libdir \"lib\")
")
install(SCRIPT cmake/install_places.cmake)
