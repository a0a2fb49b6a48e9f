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
  # Sources that are joined are to it headers, whose unnamed namespaces it takes for a mistake.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(kinto_mirror_settings INTERFACE -Wno-subobject-linkage)
  endif()
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
# Counts which code an input reaches; what drives the inputs is in the fuzzers alone.
if(KINTO_MIRROR_FUZZ)
  target_compile_options(kinto_mirror_settings INTERFACE -fsanitize=fuzzer-no-link)
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

# Every unit test program.
if(KINTO_MIRROR_TESTS)
  add_custom_target(unit_tests)
  # Their entry point, which has all of doctest in it, is compiled once.
  add_library(kinto_mirror_test_main OBJECT ${PROJECT_SOURCE_DIR}/cmake/test_main.cpp)
  target_link_libraries(kinto_mirror_test_main PUBLIC kinto_mirror_settings doctest::doctest)
endif()

# kinto_mirror_headers(NAME PREFIX ... HEADERS ... LINK ...)
# Makes kinto_mirror_NAME of headers alone, which are included as "PREFIX/HEADER".
function(kinto_mirror_headers name)
  cmake_parse_arguments(FLOOR "" "PREFIX" "HEADERS;LINK" ${ARGN})
  add_library(kinto_mirror_${name} INTERFACE)
  kinto_mirror_root(kinto_mirror_${name} ${FLOOR_PREFIX} INTERFACE ${FLOOR_HEADERS})
  target_link_libraries(kinto_mirror_${name} INTERFACE kinto_mirror_settings ${FLOOR_LINK})
endfunction()

# Has the sources of a library joined, where CMAKE_UNITY_BUILD is on. What the simulator has copies of stands apart from
# the rest: the linker takes a joined object whole or not at all, and would find those things twice.
function(kinto_mirror_join target prefix)
  set(in_0 0)
  set(in_1 0)
  foreach(source IN LISTS ARGN)
    set(kind 0)
    if("${prefix}/${source}" IN_LIST KINTO_MIRROR_SIMULATED)
      set(kind 1)
    endif()
    math(EXPR group "${in_${kind}} / ${CMAKE_UNITY_BUILD_BATCH_SIZE}")
    math(EXPR in_${kind} "${in_${kind}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${kind}_${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()

# Puts into OUT the sources of a unit test program: where CMAKE_UNITY_BUILD is on, made of CMAKE_UNITY_BUILD_BATCH_SIZE
# tests each. CMake's own unity builds would ask that no two tests call a helper by the same name.
function(kinto_mirror_together name out)
  if(NOT CMAKE_UNITY_BUILD)
    set(${out} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  set(joined)
  list(LENGTH ARGN count)
  math(EXPR last "${count} - 1")
  foreach(begin RANGE 0 ${last} ${CMAKE_UNITY_BUILD_BATCH_SIZE})
    list(SUBLIST ARGN ${begin} ${CMAKE_UNITY_BUILD_BATCH_SIZE} batch)
    list(TRANSFORM batch PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/together/${name}_${begin}.cpp)
    add_custom_command(OUTPUT ${source} VERBATIM WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
      COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/cmake/together.py ${source} ${batch}
      DEPENDS ${PROJECT_SOURCE_DIR}/cmake/together.py ${batch})
    list(APPEND joined ${source})
  endforeach()
  set(${out} ${joined} PARENT_SCOPE)
endfunction()

# kinto_mirror_floor(NAME [PREFIX ...] SOURCES ... TESTS ... LINK ... [TESTS_LINK ...])
# Makes the library kinto_mirror_NAME and, where TESTS are given, the program NAME_test. PREFIX stands before its headers'
# names; it is NAME where none is given.
function(kinto_mirror_floor name)
  cmake_parse_arguments(FLOOR "" "PREFIX" "SOURCES;TESTS;LINK;TESTS_LINK" ${ARGN})
  if(NOT FLOOR_PREFIX)
    set(FLOOR_PREFIX ${name})
  endif()
  add_library(kinto_mirror_${name} STATIC ${FLOOR_SOURCES})
  kinto_mirror_root(kinto_mirror_${name} ${FLOOR_PREFIX} PUBLIC .)
  if(CMAKE_UNITY_BUILD)
    kinto_mirror_join(kinto_mirror_${name} ${FLOOR_PREFIX} ${FLOOR_SOURCES})
  endif()
  target_link_libraries(kinto_mirror_${name} PUBLIC kinto_mirror_settings ${FLOOR_LINK})
  if(KINTO_MIRROR_TESTS AND FLOOR_TESTS)
    kinto_mirror_together(${name}_test tests ${FLOOR_TESTS})
    add_executable(${name}_test ${tests})
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)
    target_link_libraries(${name}_test PRIVATE kinto_mirror_${name} ${FLOOR_TESTS_LINK} kinto_mirror_test_main)
    add_dependencies(unit_tests ${name}_test)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
  endif()
endfunction()
