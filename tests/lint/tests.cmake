# SPDX-License-Identifier: Apache-2.0
# Lints of the source, each a test that prints what is wrong and the remedy. The symbol lint reads release objects.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(lint name)
  add_test(NAME lint/${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/lint/${name}.py ${ARGN}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/tests/lint)
  set_tests_properties(lint/${name} PROPERTIES LABELS lint TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()
lint(layers)
lint(headers)
lint(lengths)
lint(words)
lint(format)
if(CMAKE_BUILD_TYPE STREQUAL Release)
  lint(symbols ${CMAKE_BINARY_DIR})
  lint(tidy ${CMAKE_BINARY_DIR})
  set_tests_properties(lint/tidy PROPERTIES COST 1000 PROCESSORS 2)
endif()
