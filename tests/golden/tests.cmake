# SPDX-License-Identifier: Apache-2.0
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(golden ${CMAKE_SOURCE_DIR}/tests/golden)

# Transactions with the SHA-256 of their bodies, for scripts/conformance.
add_executable(replay_txns ${CMAKE_SOURCE_DIR}/tests/tools/replay_txns.c)
target_link_libraries(replay_txns ${links})

file(GLOB facts CONFIGURE_DEPENDS ${golden}/facts/*.json)
foreach(file ${facts})
  get_filename_component(name ${file} NAME_WE)
  add_test(NAME golden/${name} COMMAND ${Python3_EXECUTABLE} ${golden}/facts.py $<TARGET_FILE:tapscope> ${file}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(golden/${name} PROPERTIES LABELS golden TIMEOUT 600 SKIP_RETURN_CODE 77)
endforeach()
file(GLOB pcaps CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/pcaps/*.pcap ${CMAKE_SOURCE_DIR}/pcaps/*.pcapng)
add_test(NAME golden/determinism COMMAND ${golden}/determinism.sh $<TARGET_FILE:tapscope> ${pcaps}
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME golden/recut COMMAND ${golden}/recut.sh $<TARGET_FILE:tapscope> ${pcaps} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden/determinism golden/recut PROPERTIES LABELS golden TIMEOUT 900)
add_test(NAME golden/explain COMMAND ${golden}/explain.sh $<TARGET_FILE:tapscope> pcaps/bank-morning.pcapng sqli
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(golden/explain PROPERTIES LABELS golden TIMEOUT 120)
