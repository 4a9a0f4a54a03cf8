# SPDX-License-Identifier: Apache-2.0
# Made-up days with attacks and look-alikes; further days by hand: tests/abuse/run.py PROGRAM --seeds 1-100
add_test(NAME abuse/days COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/abuse/run.py $<TARGET_FILE:tapscope> --seeds 1-5)
set_tests_properties(abuse/days PROPERTIES LABELS abuse TIMEOUT 600)
