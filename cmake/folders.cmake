# SPDX-License-Identifier: Apache-2.0
# One static library a folder; each may use only those to its left: base, capture, dissect, analytics, output.
function(folder name)
  cmake_parse_arguments(F "" "" "USES;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.c)
  # The allocator that fails on request replaces the plain one in builds that test for it.
  if(TAPSCOPE_FAIL_ALLOC)
    list(FILTER sources EXCLUDE REGEX "/base/mem\\.c$")
  else()
    list(FILTER sources EXCLUDE REGEX "/base/mem_fail\\.c$")
  endif()
  # So does what the address sanitizer is told.
  if(CMAKE_BUILD_TYPE MATCHES "Asan|Fuzz")
    list(FILTER sources EXCLUDE REGEX "/base/poison\\.c$")
  else()
    list(FILTER sources EXCLUDE REGEX "/base/poison_asan\\.c$")
  endif()
  if(sources)
    add_library(ts_${name} STATIC ${sources})
    target_link_libraries(ts_${name} PUBLIC ${F_USES} ${F_LIBS})
  else()
    add_library(ts_${name} INTERFACE)
    target_link_libraries(ts_${name} INTERFACE ${F_USES} ${F_LIBS})
  endif()
endfunction()
option(TAPSCOPE_FAIL_ALLOC "fail the n-th allocation named by TAPSCOPE_FAIL_AT" OFF)

folder(base LIBS PkgConfig::YAML PkgConfig::CRYPTO Threads::Threads m)
folder(capture USES ts_base LIBS PkgConfig::PCAP PkgConfig::ZLIB PkgConfig::ZSTD)
folder(dissect USES ts_capture LIBS PkgConfig::NDPI PkgConfig::BROTLI PkgConfig::ZSTD
       PkgConfig::ZLIB PkgConfig::DEFLATE)
folder(analytics USES ts_dissect LIBS PkgConfig::HS PkgConfig::PCRE2 PkgConfig::SQLITE PkgConfig::YAML PkgConfig::JANSSON)
folder(output USES ts_analytics LIBS PkgConfig::RDKAFKA PkgConfig::JANSSON PkgConfig::MICROHTTPD)
