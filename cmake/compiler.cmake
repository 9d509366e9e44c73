# Language level, warnings, hardening, and the two functions every directory uses.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)

option(PARVIS_TESTS "Build the test programs" ON)
option(PARVIS_DEVELOPMENT "Add what only developers need: /styleguide, a right-to-left pseudo-locale" OFF)
option(PARVIS_WERROR "Treat warnings as errors" ON)
option(PARVIS_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(PARVIS_SANITIZE "" CACHE STRING "Comma list for -fsanitize=, for example address,undefined")

add_library(parvis_flags INTERFACE)
target_compile_options(parvis_flags INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wundef
    # Outputs are untouched on failure; gcc 12 cannot see that TRY then returns.
    $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    -Wimplicit-fallthrough -Wunused-result -Wdouble-promotion -fno-common
    $<$<BOOL:${PARVIS_WERROR}>:-Werror>)
target_compile_definitions(parvis_flags INTERFACE _GNU_SOURCE PARVIS_VERSION="${PROJECT_VERSION}"
    $<$<BOOL:${PARVIS_DEVELOPMENT}>:PARVIS_DEVELOPMENT>)
target_include_directories(parvis_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
if(PARVIS_SANITIZE)
    # At fixed addresses: tests start the program thousands of times, and the sanitisers' tables of all globals need
    # not be relocated then. A linker that is faster, where there is one: a hundred programs hold the same libraries.
    set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(parvis_flags INTERFACE
        -fsanitize=${PARVIS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -fno-pie)
    target_link_options(parvis_flags INTERFACE -fsanitize=${PARVIS_SANITIZE} -no-pie)
    include(CheckLinkerFlag)
    foreach(linker IN ITEMS lld gold)
        check_linker_flag(C "-fuse-ld=${linker}" PARVIS_LINKS_WITH_${linker})
        if(PARVIS_LINKS_WITH_${linker})
            target_link_options(parvis_flags INTERFACE "-fuse-ld=${linker}")
            break()
        endif()
    endforeach()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(parvis_flags INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
        -fcf-protection)
    target_link_options(parvis_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(PARVIS_FUZZ)
    target_compile_options(parvis_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# parvis_library(NAME SOURCES a.c b.c LINKS lower libraries and packages)
# The library of src/platform/db is called platform_db, and so on.
function(parvis_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC parvis_flags ${arg_LINKS})
endfunction()

# parvis_unit_test(NAME LINKS libraries) builds NAME.c of the calling directory and adds it to ctest.
function(parvis_unit_test name)
    cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
    add_executable(${name} ${name}.c)
    target_link_libraries(${name} PRIVATE parvis_flags ${arg_LINKS} PkgConfig::cmocka)
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests/unit")
    add_test(NAME unit.${name} COMMAND ${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
endfunction()
