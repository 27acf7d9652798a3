# SPDX-License-Identifier: Apache-2.0
#
# entente-ics: the program, on top of the library and the SDK.
add_executable(entente-ics
    adapter.c
    adapter_events.c
    adapter_missing.c
    adapter_publish.c
    apply.c
    config.c
    inbox.c
    main.c
    offer.c
    watch.c)
target_link_libraries(entente-ics
    PRIVATE entente_flags ics entente_sdk PkgConfig::INIH)
install(TARGETS entente-ics)
install(FILES ${PROJECT_SOURCE_DIR}/docs/man/entente-ics.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
