# SPDX-License-Identifier: Apache-2.0
# Benchmarks: built with everything else, run by bench/run only.
foreach(name stages flood pcapread)
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/bench/${name}.c)
endforeach()
target_link_libraries(bench_stages ts_output)
target_link_libraries(bench_pcapread PkgConfig::PCAP)
