# SPDX-License-Identifier: Apache-2.0
# Benchmarks, run by bench/run only. Sanitizer builds compile them too, so that they keep up with what they measure.
set(asked EXCLUDE_FROM_ALL)
if(CMAKE_BUILD_TYPE STREQUAL Asan)
  set(asked)
endif()
foreach(name stages detections flood pcapread)
  add_executable(bench_${name} ${asked} ${CMAKE_SOURCE_DIR}/bench/${name}.c)
endforeach()
foreach(name stages detections)
  target_sources(bench_${name} PRIVATE ${CMAKE_SOURCE_DIR}/bench/frames.c)
  target_link_libraries(bench_${name} ts_output)
endforeach()
target_link_libraries(bench_pcapread PkgConfig::PCAP)
