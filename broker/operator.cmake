# SPDX-License-Identifier: Apache-2.0
#
# The operator's commands: they work on this machine's database.
add_library(entente_operator STATIC operator_audit.c operator_breaker.c operator_client.c operator_keys.c operator_list.c operator_migrate.c operator_restored.c operator_words.c)
target_link_libraries(entente_operator PUBLIC broker_process PkgConfig::JANSSON)
