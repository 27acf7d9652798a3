# SPDX-License-Identifier: Apache-2.0
#
# The search, feature by feature.
foreach(name axis begin options pools quorum travel limits series asked explain nearest
             sieve_prefix)
    if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/test_${name}.c)
        entente_test(NAME matcher_${name} LABEL unit
                     SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${name}.c LIBS matcher_story)
    endif()
endforeach()

# Records beside sources.
entente_test(NAME matcher_quick LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_quick.c ${CMAKE_CURRENT_LIST_DIR}/recorded.c
             LIBS matcher_story)
entente_test(NAME matcher_brief LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_brief.c ${CMAKE_CURRENT_LIST_DIR}/recorded.c
             LIBS matcher_random matcher)
entente_test(NAME matcher_wide LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_wide.c ${CMAKE_CURRENT_LIST_DIR}/recorded.c
             LIBS matcher_random matcher)
entente_test(NAME matcher_blame_laws LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_blame_laws.c LIBS matcher_random matcher)
