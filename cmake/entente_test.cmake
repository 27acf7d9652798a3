# SPDX-License-Identifier: Apache-2.0
#
# entente_test(NAME name LABEL label SOURCES ... LIBS ... [TIMEOUT seconds] [ARGS ...]
#              [LONG] [SERIAL] [ENVIRONMENT NAME=VALUE ...])
#
# One cmocka program, registered with ctest under the label that says what it needs:
# unit, scenario (whole broker in one process or real processes), store (PostgreSQL),
# system (real processes), fuzz (corpus replay), lint.  LONG adds the label `long`, which
# `./run test --quick` leaves out; SERIAL keeps other tests from running beside it.
#
# entente_script(NAME name LABEL label COMMAND ... [TIMEOUT ..] [LONG] [SERIAL] [ENVIRONMENT ..])
#
# The same for a command that is not built here, usually a script of tests/.
#
# A test that cannot run ends with 77 (or with cmocka's skip()).  That is shown as skipped,
# except where ENTENTE_NO_SKIP is set, as `./run test` does under CI: there it is a failure.
#
# ENTENTE_TEST_WRAPPER, a list, is put before each test program: valgrind and its arguments.
function(entente_test)
    cmake_parse_arguments(T "LONG;SERIAL" "NAME;LABEL;TIMEOUT" "SOURCES;LIBS;ARGS;ENVIRONMENT" ${ARGN})
    add_executable(test_${T_NAME} ${T_SOURCES})
    target_link_libraries(test_${T_NAME} PRIVATE entente_flags ${T_LIBS} PkgConfig::CMOCKA)
    list(GET T_LABEL 0 kind)
    add_test(NAME ${kind}/${T_NAME}
             COMMAND ${ENTENTE_TEST_WRAPPER} $<TARGET_FILE:test_${T_NAME}> ${T_ARGS}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    entente_test_properties()
endfunction()

function(entente_script)
    cmake_parse_arguments(T "LONG;SERIAL" "NAME;LABEL;TIMEOUT" "COMMAND;ENVIRONMENT" ${ARGN})
    list(GET T_LABEL 0 kind)
    add_test(NAME ${kind}/${T_NAME} COMMAND ${T_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    entente_test_properties()
endfunction()

# Reads the variables of the two functions above.
macro(entente_test_properties)
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    if(ENTENTE_TEST_WRAPPER)
        math(EXPR T_TIMEOUT "4 * ${T_TIMEOUT}")
    endif()
    set(labels ${T_LABEL})
    if(T_LONG)
        list(APPEND labels long)
    endif()
    set_tests_properties(${kind}/${T_NAME} PROPERTIES LABELS "${labels}" TIMEOUT ${T_TIMEOUT})
    if(T_SERIAL)
        set_tests_properties(${kind}/${T_NAME} PROPERTIES RUN_SERIAL ON)
    endif()
    if(T_ENVIRONMENT)
        set_tests_properties(${kind}/${T_NAME} PROPERTIES ENVIRONMENT "${T_ENVIRONMENT}")
    endif()
    if(ENTENTE_NO_SKIP)
        set_tests_properties(${kind}/${T_NAME} PROPERTIES
            FAIL_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
    else()
        set_tests_properties(${kind}/${T_NAME} PROPERTIES SKIP_RETURN_CODE 77)
    endif()
endmacro()
