# Settings that every target shares, and one function that declares a floor.

add_library(kinto_mirror_settings INTERFACE)
target_compile_options(kinto_mirror_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
# GCC 12 reports these inside Boost and libstdc++ at -O2, not in our code.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(kinto_mirror_settings INTERFACE
    -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-stringop-overflow -Wno-array-bounds
    -Wno-restrict -Wno-mismatched-new-delete)
endif()
target_compile_definitions(kinto_mirror_settings INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED SPDLOG_FMT_EXTERNAL
  DOCTEST_CONFIG_NO_UNPREFIXED_OPTIONS)
if(KINTO_MIRROR_SANITIZE)
  target_compile_options(kinto_mirror_settings INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(kinto_mirror_settings INTERFACE -fsanitize=address,undefined)
endif()

# kinto_mirror_floor(NAME SOURCES ... TESTS ... LINK ...)
# Makes the library kinto_mirror_NAME and, where TESTS are given, the program NAME_test.
# Headers are included by floor: "base/error.hpp".
function(kinto_mirror_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;TESTS;LINK" ${ARGN})
  add_library(kinto_mirror_${name} STATIC ${FLOOR_SOURCES})
  target_include_directories(kinto_mirror_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/..)
  target_link_libraries(kinto_mirror_${name} PUBLIC kinto_mirror_settings ${FLOOR_LINK})
  if(KINTO_MIRROR_TESTS AND FLOOR_TESTS)
    add_executable(${name}_test ${FLOOR_TESTS} ${PROJECT_SOURCE_DIR}/cmake/test_main.cpp)
    target_link_libraries(${name}_test PRIVATE kinto_mirror_${name} doctest::doctest)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
  endif()
endfunction()
