# Compiler flags of every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

find_program(TURNPIKE_CCACHE ccache)
if(TURNPIKE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TURNPIKE_CCACHE})
endif()

add_library(turnpike_flags INTERFACE)
target_compile_options(turnpike_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -fno-omit-frame-pointer
  # g++ calls a scoped enumerator of a type's name a shadow; clang knows better.
  $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
  # g++ 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${TURNPIKE_WERROR}>:-Werror>)
target_compile_definitions(turnpike_flags INTERFACE TURNPIKE_VERSION="${PROJECT_VERSION}")

if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(turnpike_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  target_compile_definitions(turnpike_flags INTERFACE _GLIBCXX_ASSERTIONS)
  if(NOT TURNPIKE_SANITIZE)
    target_compile_options(turnpike_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  target_link_options(turnpike_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

if(TURNPIKE_SANITIZE)
  target_compile_options(turnpike_flags INTERFACE
    -fsanitize=${TURNPIKE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(turnpike_flags INTERFACE -fsanitize=${TURNPIKE_SANITIZE})
endif()
if(TURNPIKE_FUZZ)
  target_compile_options(turnpike_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
