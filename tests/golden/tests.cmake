# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(golden ${CMAKE_SOURCE_DIR}/tests/golden)

# Transactions with the SHA-256 of their bodies, for scripts/conformance.
add_executable(replay_txns ${CMAKE_SOURCE_DIR}/tests/tools/replay_txns.c)
target_link_libraries(replay_txns ${links})

file(GLOB facts CONFIGURE_DEPENDS ${golden}/facts/*.json)
foreach(file ${facts})
  get_filename_component(name ${file} NAME_WE)
  if(name MATCHES "^capture-" AND CMAKE_BUILD_TYPE STREQUAL Tsan)
    continue() # many short runs of one worker, of which the thread sanitizer has nothing to say
  endif()
  add_test(NAME golden/${name} COMMAND ${Python3_EXECUTABLE} ${golden}/facts.py $<TARGET_FILE:tapscope> ${file}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(golden/${name} PROPERTIES LABELS golden TIMEOUT 900 SKIP_RETURN_CODE 77)
endforeach()
file(GLOB pcaps CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/pcaps/*.pcap ${CMAKE_SOURCE_DIR}/pcaps/*.pcapng)
add_test(NAME golden/determinism COMMAND ${golden}/determinism.sh $<TARGET_FILE:tapscope> ${pcaps}
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME golden/recut COMMAND ${golden}/recut.sh $<TARGET_FILE:tapscope> ${pcaps} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME golden/leaks COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/score_leaks.py --binary $<TARGET_FILE:tapscope>
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden/leaks PROPERTIES LABELS golden TIMEOUT 900)
add_test(NAME golden/values COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/score_fresh.py --seed 3 --cases 600
         --binary $<TARGET_FILE:tapscope> WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden/values PROPERTIES LABELS golden TIMEOUT 900)
set_tests_properties(golden/determinism golden/recut PROPERTIES LABELS golden TIMEOUT 900)
add_test(NAME golden/explain COMMAND ${golden}/explain.sh $<TARGET_FILE:tapscope> pcaps/bank-morning.pcapng sqli
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden/explain PROPERTIES LABELS golden TIMEOUT 600)

# Of the test data a bounded part; scripts/determinism goes through all of it.
if(CMAKE_BUILD_TYPE STREQUAL Release)
  add_test(NAME golden/determinism-data COMMAND ${CMAKE_SOURCE_DIR}/scripts/determinism $<TARGET_FILE:tapscope> 24
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME golden/conformance-live COMMAND ${CMAKE_SOURCE_DIR}/scripts/conformance $<TARGET_FILE:tapscope> build/data
           --bodies $<TARGET_FILE:replay_txns> --only live --least 97 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(golden/determinism-data golden/conformance-live PROPERTIES LABELS golden TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()
add_test(NAME golden/calls COMMAND ${Python3_EXECUTABLE} ${golden}/calls.py $<TARGET_FILE:tapscope>)
set_tests_properties(golden/calls PROPERTIES LABELS golden TIMEOUT 600)
# Holes in the captures that stand here: no call wrong, none that never was.
file(GLOB real CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/pcaps/real/*.pcap)
list(FILTER pcaps INCLUDE REGEX "[.]pcap$")
add_test(NAME golden/holes COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/holes -b $<TARGET_FILE:tapscope> -l 20 --strict
         ${pcaps} ${real} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden/holes PROPERTIES LABELS golden TIMEOUT 900)
