# SPDX-License-Identifier: Apache-2.0
#
# The matcher against the oracle, and its laws.  Requests are drawn and the oracle paints
# its bytes at full speed and without sanitizers, so that the time of a run goes into the
# matcher, which keeps them.
set(plain ${CMAKE_CURRENT_LIST_DIR})
add_library(matcher_random STATIC
    ${plain}/random_request.c ${plain}/random_people.c ${plain}/random_print.c)
add_library(matcher_oracle STATIC
    ${plain}/agreement.c ${plain}/agreement_explain.c ${plain}/oracle.c
    ${plain}/oracle_clock.c ${plain}/oracle_explain.c ${plain}/oracle_person.c
    ${plain}/recorded.c ${plain}/shrink_request.c)
foreach(library matcher_random matcher_oracle)
    target_link_libraries(${library} PUBLIC entente_flags)
    target_compile_options(${library} PRIVATE -O3 -fno-sanitize=address,undefined)
endforeach()
target_link_libraries(matcher_oracle PUBLIC matcher_random)

# The matcher once more, as it is released, beside the one that the other tests have.
get_target_property(matcher_sources matcher SOURCES)
set(fast_sources)
foreach(source ${matcher_sources})
    get_filename_component(path ${source} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR}/matcher)
    get_source_file_property(options ${path} TARGET_DIRECTORY matcher COMPILE_OPTIONS)
    if(options)
        set_source_files_properties(${path} PROPERTIES COMPILE_OPTIONS "${options}")
    endif()
    list(APPEND fast_sources ${path})
endforeach()
add_library(matcher_fast STATIC ${fast_sources})
target_link_libraries(matcher_fast PRIVATE entente_flags)
target_compile_options(matcher_fast PRIVATE -O2 -fno-sanitize=address,undefined)

# 100,000 requests with sanitizers, where the build has them, and a million without, in
# parts that run beside each other.
entente_test(NAME oracle LABEL unit SOURCES ${plain}/test_oracle.c
             LIBS matcher_oracle matcher ARGS --rounds 50000 TIMEOUT 1800)
entente_test(NAME oracle_fast LABEL unit SOURCES ${plain}/test_oracle.c
             LIBS matcher_oracle matcher_fast ARGS --rounds 250000 --explain 4 TIMEOUT 1800)
target_compile_options(test_oracle_fast PRIVATE -O2 -fno-sanitize=address,undefined)
target_link_options(test_oracle_fast PRIVATE -fno-sanitize=address,undefined)
if(NOT ENTENTE_TEST_WRAPPER)
    entente_script(NAME oracle_2 LABEL unit TIMEOUT 1800
                   COMMAND test_oracle --rounds 50000 --part 2)
    foreach(part 2 3 4)
        entente_script(NAME oracle_${part}_fast LABEL unit TIMEOUT 1800
                       COMMAND test_oracle_fast --rounds 250000 --explain 4 --part ${part})
    endforeach()
endif()
foreach(name laws laws_slots)
    entente_test(NAME matcher_${name} LABEL unit
                 SOURCES ${plain}/test_${name}.c ${plain}/laws.c
                 LIBS matcher_random matcher TIMEOUT 600)
endforeach()
entente_test(NAME oracle_edges LABEL unit SOURCES ${plain}/test_oracle_edges.c LIBS matcher)

# With sanitizers the matcher takes most of the time of a test: as they advise, optimised.
if(ENTENTE_SANITIZE)
    target_compile_options(matcher PRIVATE -O2)
endif()

# `./run coverage` watches the matcher, and nothing else.
if(ENTENTE_COVERAGE)
    target_compile_options(matcher PRIVATE --coverage)
    target_link_options(matcher PUBLIC --coverage)
endif()
