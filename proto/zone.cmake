# SPDX-License-Identifier: Apache-2.0
#
# The time zones of both ends of the wire, and the public holidays.  No foreign library: proto/zone.h says why.
add_library(zone STATIC
    ${CMAKE_CURRENT_LIST_DIR}/holiday.c
    ${CMAKE_CURRENT_LIST_DIR}/zone.c
    ${CMAKE_CURRENT_LIST_DIR}/zone_date.c
    ${CMAKE_CURRENT_LIST_DIR}/zone_file.c)
target_link_libraries(zone PRIVATE entente_flags)
