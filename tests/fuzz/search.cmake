# SPDX-License-Identifier: Apache-2.0
#
# Coverage of the matcher alone is wanted: the oracle and the dice bring none.
entente_fuzz(NAME search SOURCES fuzz_search.c LIBS matcher_oracle matcher)
entente_fuzz(NAME match_json SOURCES fuzz_match_json.c LIBS entente_match)
