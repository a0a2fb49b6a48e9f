# Settings that every target shares, and one function that declares a floor.

add_library(kinto_mirror_settings INTERFACE)
target_compile_options(kinto_mirror_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor)
if(KINTO_MIRROR_WERROR)
  target_compile_options(kinto_mirror_settings INTERFACE -Werror)
endif()
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
if(KINTO_MIRROR_CHECKED)
  target_compile_definitions(kinto_mirror_settings INTERFACE KINTO_MIRROR_CHECKED)
endif()
if(KINTO_MIRROR_SANITIZE)
  target_compile_options(kinto_mirror_settings INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(kinto_mirror_settings INTERFACE -fsanitize=address,undefined)
endif()

# Includes name the floor: "base/error.hpp", "sync/decide/plan.hpp". A target sees the headers of its own floor and of
# those that it links, and no others: each floor has a root of its own, which holds nothing but a link to its folder.
function(kinto_mirror_root target prefix scope)
  set(root ${CMAKE_BINARY_DIR}/roots/${target})
  foreach(path IN LISTS ARGN)
    file(REAL_PATH ${path} from BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    cmake_path(APPEND root ${prefix} ${path} OUTPUT_VARIABLE to)
    cmake_path(NORMAL_PATH to)
    string(REGEX REPLACE "/$" "" to ${to})
    cmake_path(GET to PARENT_PATH parent)
    file(MAKE_DIRECTORY ${parent})
    file(CREATE_LINK ${from} ${to} SYMBOLIC)
  endforeach()
  target_include_directories(${target} ${scope} ${root})
endfunction()

# kinto_mirror_headers(NAME PREFIX ... HEADERS ... LINK ...)
# Makes kinto_mirror_NAME of headers alone, which are included as "PREFIX/HEADER".
function(kinto_mirror_headers name)
  cmake_parse_arguments(FLOOR "" "PREFIX" "HEADERS;LINK" ${ARGN})
  add_library(kinto_mirror_${name} INTERFACE)
  kinto_mirror_root(kinto_mirror_${name} ${FLOOR_PREFIX} INTERFACE ${FLOOR_HEADERS})
  target_link_libraries(kinto_mirror_${name} INTERFACE kinto_mirror_settings ${FLOOR_LINK})
endfunction()

# kinto_mirror_floor(NAME [PREFIX ...] SOURCES ... TESTS ... LINK ... [TEST_LINK ...])
# Makes the library kinto_mirror_NAME and, where TESTS are given, the program NAME_test, which links TEST_LINK besides.
# PREFIX stands before its headers' names; it is NAME where none is given.
function(kinto_mirror_floor name)
  cmake_parse_arguments(FLOOR "" "PREFIX" "SOURCES;TESTS;LINK;TEST_LINK" ${ARGN})
  if(NOT FLOOR_PREFIX)
    set(FLOOR_PREFIX ${name})
  endif()
  add_library(kinto_mirror_${name} STATIC ${FLOOR_SOURCES})
  kinto_mirror_root(kinto_mirror_${name} ${FLOOR_PREFIX} PUBLIC .)
  target_link_libraries(kinto_mirror_${name} PUBLIC kinto_mirror_settings ${FLOOR_LINK})
  if(KINTO_MIRROR_TESTS AND FLOOR_TESTS)
    add_executable(${name}_test ${FLOOR_TESTS} ${PROJECT_SOURCE_DIR}/cmake/test_main.cpp)
    target_link_libraries(${name}_test PRIVATE kinto_mirror_${name} ${FLOOR_TEST_LINK} doctest::doctest)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
  endif()
endfunction()
