# SPDX-License-Identifier: Apache-2.0
# Benchmarks: built with everything else, run by bench/run only.
foreach(name stages detections flood pcapread)
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/bench/${name}.c)
endforeach()
foreach(name stages detections)
  target_sources(bench_${name} PRIVATE ${CMAKE_SOURCE_DIR}/bench/frames.c)
  target_link_libraries(bench_${name} ts_output)
endforeach()
target_link_libraries(bench_pcapread PkgConfig::PCAP)
