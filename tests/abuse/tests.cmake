# SPDX-License-Identifier: Apache-2.0
# Made-up days with attacks and look-alikes; further days by hand: tests/abuse/run.py PROGRAM --seeds 1-100
add_test(NAME abuse/days COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/abuse/run.py $<TARGET_FILE:tapscope> --seeds 1-5)
set_tests_properties(abuse/days PROPERTIES LABELS abuse TIMEOUT 600)
# Rules that need files beside the capture, or a story of several hosts.
add_test(NAME abuse/single COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/abuse/single.py $<TARGET_FILE:tapscope>)
set_tests_properties(abuse/single PROPERTIES LABELS abuse TIMEOUT 600)
# The same where the tap loses frames: nobody honest is blamed.
add_test(NAME abuse/loss COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/abuse/run.py $<TARGET_FILE:tapscope> --seeds 81-82 --loss 0.5)
set_tests_properties(abuse/loss PROPERTIES LABELS abuse TIMEOUT 600)
# What taps do to frames blames nobody either.
foreach(shape mid dup reorder)
  add_test(NAME abuse/${shape} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/abuse/run.py $<TARGET_FILE:tapscope> --seeds 83 --shape ${shape} --loss 0.1 --blame)
  set_tests_properties(abuse/${shape} PROPERTIES LABELS abuse TIMEOUT 600)
endforeach()
