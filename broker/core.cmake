# SPDX-License-Identifier: Apache-2.0
#
# The broker itself.  broker_core decides and knows neither socket nor database;
# broker_process is the loop around it and the operator's `entente broker`.
add_library(broker_core STATIC
    batch.c
    batch_collect.c
    clients.c
    divergence.c
    evidence.c
    evidence_coder.c
    evidence_people.c
    fair.c
    fit.c
    gather.c
    handle.c
    handle_answer.c
    handle_cancel.c
    handle_confirm.c
    handle_decide.c
    handle_divergence.c
    handle_due.c
    handle_event.c
    handle_move.c
    handle_pool.c
    handle_quota.c
    handle_replace.c
    handle_request.c
    handle_shift.c
    handle_silence.c
    handle_windows.c
    handle_withdraw.c
    index.c
    index_busy.c
    index_record.c
    index_rows.c
    index_source.c
    index_text.c
    map.c
    matter.c
    matter_claim.c
    matter_due.c
    matter_effect.c
    matter_owner.c
    matter_poll.c
    matter_rule.c
    matter_said.c
    matter_seat.c
    person.c
    preview.c preview_series.c
    propose.c
    propose_again.c
    propose_answer.c
    propose_free.c
    propose_party.c
    propose_request.c
    propose_who.c
    sequence.c
    until.c
    series.c
    series_tell.c
    shelf.c
    take_in.c
    thinker.c
    view.c)
target_link_libraries(broker_core PUBLIC entente_flags matcher proto zone broker_edges)

add_library(broker_process STATIC
    clock.c deliver.c dispatch.c failpoint.c follower.c keeper.c life.c loop.c main.c publisher.c
    publisher_stage.c queue.c reader.c reader_explain.c reader_preview.c reader_reconcile.c reader_search.c reader_series.c reader_who.c requeue.c session.c speak.c
    writer.c
    writer_fail.c
    writer_gather.c)
target_link_libraries(broker_process PUBLIC broker_core broker_store)
