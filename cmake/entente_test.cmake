# SPDX-License-Identifier: Apache-2.0
#
# entente_test(NAME name LABEL label SOURCES ... LIBS ... [TIMEOUT seconds] [ARGS ...])
#
# One cmocka program, registered with ctest under the label that says what it needs:
# unit, scenario (whole broker in one process or real processes), store (PostgreSQL),
# system (real processes), fuzz (corpus replay), lint.
function(entente_test)
    cmake_parse_arguments(T "" "NAME;LABEL;TIMEOUT" "SOURCES;LIBS;ARGS" ${ARGN})
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    add_executable(test_${T_NAME} ${T_SOURCES})
    target_link_libraries(test_${T_NAME} PRIVATE entente_flags ${T_LIBS} PkgConfig::CMOCKA)
    add_test(NAME ${T_LABEL}/${T_NAME} COMMAND test_${T_NAME} ${T_ARGS}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${T_LABEL}/${T_NAME} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
                         SKIP_RETURN_CODE 77)
endfunction()
