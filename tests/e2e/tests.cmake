# SPDX-License-Identifier: Apache-2.0
# Whole-program checks. The broker's jars come once, by the pinned pom, into the build folder.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET tapscope)
  add_test(NAME e2e/schema COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/schema.py $<TARGET_FILE:tapscope>)
  add_test(NAME e2e/kafka COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/kafka.py $<TARGET_FILE:tapscope>
           ${CMAKE_BINARY_DIR}/broker)
  add_test(NAME e2e/sinks COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/sinks.py $<TARGET_FILE:tapscope>)
  add_test(NAME e2e/kill COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/kill.py $<TARGET_FILE:tapscope>)
  add_test(NAME e2e/planted COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/planted.py $<TARGET_FILE:tapscope>)
  add_test(NAME e2e/openapi COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/openapi.py $<TARGET_FILE:tapscope>
           ${CMAKE_SOURCE_DIR}/pcaps/bank-morning.pcapng ${CMAKE_SOURCE_DIR}/pcaps/protocols.pcap)
  add_test(NAME e2e/lifecycle COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/lifecycle.py $<TARGET_FILE:tapscope>)
  add_test(NAME e2e/report COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/report.py $<TARGET_FILE:tapscope>
           ${CMAKE_SOURCE_DIR}/pcaps/bank-morning.pcapng)
  set_tests_properties(e2e/schema e2e/kafka e2e/sinks e2e/kill e2e/planted e2e/openapi e2e/lifecycle e2e/report PROPERTIES LABELS e2e TIMEOUT 1800)
endif()
if(TARGET tapscope)
  add_test(NAME e2e/errors COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/errors.py $<TARGET_FILE:tapscope>)
  set_tests_properties(e2e/errors PROPERTIES LABELS e2e TIMEOUT 1800)
endif()
if(TARGET tapscope)
  add_test(NAME e2e/databases COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/databases.py $<TARGET_FILE:tapscope>)
  set_tests_properties(e2e/databases PROPERTIES LABELS e2e TIMEOUT 1800)
endif()
if(TARGET tapscope)
  add_test(NAME e2e/graph COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/graph.py $<TARGET_FILE:tapscope>
           ${CMAKE_SOURCE_DIR}/pcaps/bank-morning.pcapng)
  set_tests_properties(e2e/graph PROPERTIES LABELS e2e TIMEOUT 1800)
endif()
