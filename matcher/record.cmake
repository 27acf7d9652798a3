# SPDX-License-Identifier: Apache-2.0
#
# People's time, compiled for searching.
target_sources(matcher PRIVATE
    record.c
    record_days.c
    record_draft.c
    record_outline.c
    record_pack.c
    record_read.c
    record_ring.c
    record_sweep.c)
set_source_files_properties(record.c record_days.c record_draft.c record_outline.c record_pack.c
    record_ring.c record_sweep.c PROPERTIES COMPILE_OPTIONS "$<$<NOT:$<CONFIG:Debug>>:-O3>")
