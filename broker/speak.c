// SPDX-License-Identifier: Apache-2.0

/*
 * speak.c - the part of broker.h through which everything leaves
 */
#include "broker/broker.h"

#include "broker/failpoint.h"
#include "broker/fit.h"
#include "broker/log.h"
#include "proto/limits.h"

static enum status send_frame(struct broker *broker, uint32_t peer,
                              struct entente_bytes frame)
{
    failpoint("before-send");
    enum status status = broker->wire->send(broker->wire, peer, frame.data, frame.size);
    failpoint("after-send");
    return status;
}

/* Gone or not reading: what matters is in the outbox or will be asked for again.  A
 * conversation with a hole in it is ended, so that the client begins a new one. */
static void end_unless_sent(struct broker *broker, uint32_t peer, enum status status)
{
    struct session *session =
        status == STATUS_OK ? NULL : session_of_peer(broker, peer);
    if (session != NULL) {
        log_line(LOG_INFO, "speak", "client %s: %s", session->client->name,
                 status_text(status));
        session_end(broker, session);
    }
}

void speak_frame(struct broker *broker, uint32_t peer, struct entente_bytes frame)
{
    end_unless_sent(broker, peer, send_frame(broker, peer, frame));
}

/* What does not fit into a frame is logged, and counts as sent. */
static enum status say(struct broker *broker, uint32_t peer,
                       const struct entente_envelope *envelope, struct arena *arena)
{
    struct entente_bytes frame;
    enum status status = STATUS_OK;
    if (codec_encode(envelope, arena, &frame)) {
        return send_frame(broker, peer, frame);
    }
    struct arena room;
    arena_init(&room, BROKER_BATCH_BYTES);
    if (fit_encode(envelope, &room, &frame)) {
        status = send_frame(broker, peer, frame);
    } else {
        log_line(LOG_ERROR, "speak", "a %s does not fit into a frame",
                 codec_body_name(envelope->body));
    }
    arena_finish(&room);
    return status;
}

void speak(struct broker *broker, uint32_t peer,
           const struct entente_envelope *envelope, struct arena *arena)
{
    end_unless_sent(broker, peer, say(broker, peer, envelope, arena));
}

bool speak_if_room(struct broker *broker, uint32_t peer,
                   const struct entente_envelope *envelope, struct arena *arena)
{
    enum status status = say(broker, peer, envelope, arena);
    if (status == STATUS_FULL) {
        return false;
    }
    end_unless_sent(broker, peer, status);
    return true;
}

void speak_refusal(struct broker *broker, struct command *command,
                   const struct codec_error *refusal)
{
    char sentence[LIMIT_TEXT_BYTES];
    const char *parameters[LIMIT_ERROR_PARAMETERS];
    for (size_t i = 0; i < refusal->parameter_count; i++) {
        parameters[i] = refusal->parameters[i];
    }
    error_sentence(refusal->code, NULL, parameters, refusal->parameter_count, sentence,
                   sizeof(sentence));
    struct entente_error error = {
        .code = refusal->code,
        .parameters = parameters,
        .parameters_count = refusal->parameter_count,
        .sentence = sentence,
    };
    struct entente_envelope envelope = {
        .version = ENTENTE_PROTOCOL_VERSION,
        .request_epoch = command->key.epoch,
        .request_counter = command->key.counter,
        .body = ENTENTE_ERROR,
        .error = &error,
    };
    /* The refused frame may have used its own arena up. */
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA_BYTES);
    speak(broker, command->peer, &envelope, &arena);
    arena_finish(&arena);
}

void speak_error(struct broker *broker, struct command *command, unsigned code)
{
    const struct codec_error error = {.code = code};
    speak_refusal(broker, command, &error);
}
