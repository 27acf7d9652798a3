# SPDX-License-Identifier: Apache-2.0
#
# Searches through a real broker: nothing is held, everything may be asked.
entente_test(NAME search_model LABEL scenario
             SOURCES test_search_model.c seek.c circle.c LIBS scenario_world)
entente_test(NAME search_live LABEL scenario
             SOURCES test_search_live.c seek.c circle.c LIBS scenario_world)
entente_test(NAME search_asked LABEL scenario
             SOURCES test_search_asked.c seek.c circle.c LIBS scenario_world zone)
entente_test(NAME search_large LABEL scenario
             SOURCES test_search_large.c seek.c circle.c LIBS scenario_world)
entente_test(NAME who LABEL scenario
             SOURCES test_who.c seek.c circle.c LIBS scenario_world)
entente_test(NAME pools LABEL scenario
             SOURCES test_pools.c seek.c circle.c LIBS scenario_world)
