# SPDX-License-Identifier: Apache-2.0
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/app/*.c)
add_executable(tapscope ${sources})
target_link_libraries(tapscope ts_output)
