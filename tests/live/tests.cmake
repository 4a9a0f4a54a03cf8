# SPDX-License-Identifier: Apache-2.0
add_test(NAME live/mirror COMMAND ${CMAKE_SOURCE_DIR}/tests/live/live.sh $<TARGET_FILE:tapscope>)
add_test(NAME live/hard COMMAND ${CMAKE_SOURCE_DIR}/tests/live/hard.sh $<TARGET_FILE:tapscope>)
set_tests_properties(live/mirror live/hard PROPERTIES LABELS live TIMEOUT 1800 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
add_test(NAME live/tools COMMAND ${CMAKE_SOURCE_DIR}/tests/live/tools.sh $<TARGET_FILE:tapscope>)
set_tests_properties(live/tools PROPERTIES LABELS live TIMEOUT 1800 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
