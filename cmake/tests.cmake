# SPDX-License-Identifier: Apache-2.0
# Unit tests: tests/unit/test_*.c, one program each, linked with every folder.
# Fuzz targets: tests/fuzz/fuzz_*.c; under clang with libFuzzer, else with a driver that replays the corpus.

set(links ts_output ${plain_link})

file(GLOB unit CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/test_*.c)
foreach(source ${unit})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_link_libraries(${name} ${links} PkgConfig::CMOCKA)
  add_test(NAME unit/${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()

file(GLOB fuzz CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
foreach(source ${fuzz})
  get_filename_component(name ${source} NAME_WE)
  string(REPLACE fuzz_ "" short ${name})
  if(CMAKE_BUILD_TYPE STREQUAL Fuzz)
    add_executable(${name} ${source})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz/driver.c)
  endif()
  target_link_libraries(${name} ${links})
  add_test(NAME fuzz/${short} COMMAND ${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${short}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(fuzz/${short} PROPERTIES LABELS fuzz TIMEOUT 300)
endforeach()

# For scripts/torture: damaged captures, damaged files, a check of what is written.
add_executable(mutate ${CMAKE_SOURCE_DIR}/tests/torture/mutate.c)
add_executable(readfiles ${CMAKE_SOURCE_DIR}/tests/torture/readfiles.c)
target_link_libraries(readfiles ts_capture ${plain_link})
add_executable(jsonlines ${CMAKE_SOURCE_DIR}/tests/torture/jsonlines.c)
target_link_libraries(jsonlines PkgConfig::JANSSON)
if(TAPSCOPE_FAIL_ALLOC)
  file(GLOB sweep CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/app/*.c)
  list(FILTER sweep EXCLUDE REGEX "/app/main\\.c$")
  add_executable(oom_sweep ${CMAKE_SOURCE_DIR}/tests/torture/oom_sweep.c ${sweep})
  target_link_libraries(oom_sweep ts_output)
  target_link_options(oom_sweep PRIVATE -Wl,--wrap=ruleset_open)
endif()

# Debian's Python, whose modules scripts/deps installs, before any other.
if(NOT Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python3_EXECUTABLE /usr/bin/python3)
endif()

# Shell and Python checks add themselves: each folder below may hold a tests.cmake.
foreach(place golden live e2e abuse lint)
  include(${CMAKE_SOURCE_DIR}/tests/${place}/tests.cmake OPTIONAL)
endforeach()

# Sanitizers stop at the first report and say where; libraries that were built without the thread sanitizer are
# taken at their word.
set(sanitize "UBSAN_OPTIONS=print_stacktrace=1" "ASAN_OPTIONS=detect_stack_use_after_return=1:allocator_may_return_null=1"
    "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
get_property(all DIRECTORY PROPERTY TESTS)
set_property(TEST ${all} APPEND PROPERTY ENVIRONMENT ${sanitize})
