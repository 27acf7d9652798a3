-- SPDX-License-Identifier: Apache-2.0
--
-- What is arranged, and the time it takes.

CREATE TABLE meeting (
    id         uuid PRIMARY KEY,
    version    int4 NOT NULL CHECK (version > 0),
    state      int2 NOT NULL CHECK (state BETWEEN 1 AND 8),
    people     int8[] NOT NULL,
    organizer  int8 NOT NULL REFERENCES client,
    held       int4range,
    firm       int4range,
    hold_until timestamptz,
    created    timestamptz NOT NULL,
    updated    timestamptz NOT NULL,
    body       bytea NOT NULL,
    sealed     bytea NOT NULL,
    -- Claims follow the state: held while proposed, firm while confirmed, both while moving.
    CHECK (state <> 2 OR (held IS NOT NULL AND firm IS NULL)),
    CHECK (state <> 3 OR (held IS NULL AND firm IS NOT NULL)),
    CHECK (state <> 4 OR (held IS NOT NULL AND firm IS NOT NULL)),
    CHECK (state NOT IN (1, 6, 7) OR (held IS NULL AND firm IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX meeting_organizer ON meeting (organizer, id);
CREATE INDEX meeting_people ON meeting USING gin (people);
CREATE INDEX meeting_open ON meeting (id) WHERE state <= 5;
COMMENT ON TABLE meeting IS 'the thing being arranged, from request to end: parties, answers and proposal live in this one row, so that an accept touches no claim';
COMMENT ON COLUMN meeting.id IS 'UUIDv7, made by the broker';
COMMENT ON COLUMN meeting.version IS 'rises with every change';
COMMENT ON COLUMN meeting.state IS 'enum entente_state of proto/message.h';
COMMENT ON COLUMN meeting.people IS 'the persons of its parties';
COMMENT ON COLUMN meeting.organizer IS 'the client that asked for it';
COMMENT ON COLUMN meeting.held IS 'UTC minutes of the slot held while people answer';
COMMENT ON COLUMN meeting.firm IS 'UTC minutes of the slot agreed';
COMMENT ON COLUMN meeting.hold_until IS 'when the hold ends by itself';
COMMENT ON COLUMN meeting.created IS 'when it was asked for';
COMMENT ON COLUMN meeting.updated IS 'when its version last rose';
COMMENT ON COLUMN meeting.body IS 'the meeting, encoded, without what is sealed';
COMMENT ON COLUMN meeting.sealed IS 'reason, patient and guests, encoded and sealed (broker/seal.h)';

-- btree_gist 1.7 has = and <> for uuid.  A meeting may overlap its own old time, so that it
-- never blocks its own move; nobody else may.
CREATE TABLE claim (
    person  int8 NOT NULL,
    meeting uuid NOT NULL,
    during  int4range NOT NULL,
    CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)
           AND lower_inc(during) AND NOT upper_inc(during))
) PARTITION BY HASH (person);
COMMENT ON TABLE claim IS 'a range of a person''s time taken by a meeting, held or firm: the state of the meeting says which';
COMMENT ON COLUMN claim.person IS 'whose time';
COMMENT ON COLUMN claim.meeting IS 'for what';
COMMENT ON COLUMN claim.during IS 'UTC minutes';

CREATE TABLE claim_00 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 0);
ALTER TABLE claim_00 ADD CONSTRAINT claim_00_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_01 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 1);
ALTER TABLE claim_01 ADD CONSTRAINT claim_01_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_02 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 2);
ALTER TABLE claim_02 ADD CONSTRAINT claim_02_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_03 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 3);
ALTER TABLE claim_03 ADD CONSTRAINT claim_03_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_04 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 4);
ALTER TABLE claim_04 ADD CONSTRAINT claim_04_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_05 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 5);
ALTER TABLE claim_05 ADD CONSTRAINT claim_05_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_06 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 6);
ALTER TABLE claim_06 ADD CONSTRAINT claim_06_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_07 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 7);
ALTER TABLE claim_07 ADD CONSTRAINT claim_07_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_08 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 8);
ALTER TABLE claim_08 ADD CONSTRAINT claim_08_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_09 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 9);
ALTER TABLE claim_09 ADD CONSTRAINT claim_09_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_10 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 10);
ALTER TABLE claim_10 ADD CONSTRAINT claim_10_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_11 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 11);
ALTER TABLE claim_11 ADD CONSTRAINT claim_11_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_12 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 12);
ALTER TABLE claim_12 ADD CONSTRAINT claim_12_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_13 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 13);
ALTER TABLE claim_13 ADD CONSTRAINT claim_13_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_14 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 14);
ALTER TABLE claim_14 ADD CONSTRAINT claim_14_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);
CREATE TABLE claim_15 PARTITION OF claim FOR VALUES WITH (MODULUS 16, REMAINDER 15);
ALTER TABLE claim_15 ADD CONSTRAINT claim_15_nobody_twice
    EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH &&);

CREATE INDEX claim_meeting ON claim (meeting);
CREATE INDEX claim_person ON claim (person, lower(during));

CREATE TABLE command (
    client  int8 NOT NULL,
    epoch   int8 NOT NULL,
    counter int8 NOT NULL,
    digest  bytea NOT NULL CHECK (octet_length(digest) = 32),
    meeting uuid NOT NULL,
    version int4 NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (client, epoch, counter)
);
COMMENT ON TABLE command IS 'a request that was carried out: the same id again is answered again, not done again';
COMMENT ON COLUMN command.client IS 'who asked';
COMMENT ON COLUMN command.epoch IS 'of the request id, granted in welcome';
COMMENT ON COLUMN command.counter IS 'of the request id, counted by the client';
COMMENT ON COLUMN command.digest IS 'SHA-256 of the request, so that the same id with another content is refused';
COMMENT ON COLUMN command.meeting IS 'what the command made or changed';
COMMENT ON COLUMN command.version IS 'of the meeting after the command';
COMMENT ON COLUMN command.at IS 'when it was decided';

CREATE TABLE due (
    meeting uuid NOT NULL,
    reason  int2 NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (meeting, reason)
) WITH (fillfactor = 70);
CREATE INDEX due_at ON due (at);
COMMENT ON TABLE due IS 'which meeting wants to be looked at, when and why';
COMMENT ON COLUMN due.meeting IS 'what wants to be looked at';
COMMENT ON COLUMN due.reason IS 'enum due_reason of broker/due.h';
COMMENT ON COLUMN due.at IS 'from when on';

CREATE TABLE waiting (
    person  int8 NOT NULL,
    meeting uuid NOT NULL,
    PRIMARY KEY (person, meeting)
);
CREATE INDEX waiting_meeting ON waiting (meeting);
COMMENT ON TABLE waiting IS 'meetings that are searched again when this person becomes freer';
COMMENT ON COLUMN waiting.person IS 'who has to become freer';
COMMENT ON COLUMN waiting.meeting IS 'what is then searched again';

CREATE TABLE result (
    meeting uuid NOT NULL,
    client  int8 NOT NULL,
    source  text NOT NULL,
    version int4 NOT NULL,
    kind    int2 NOT NULL,
    reason  int2 NOT NULL DEFAULT 0,
    comment text,
    at      timestamptz NOT NULL,
    PRIMARY KEY (meeting, client, source)
);
COMMENT ON TABLE result IS 'what an agenda did with the last event of a meeting: applied, refused, unknown';
COMMENT ON COLUMN result.meeting IS 'of which meeting the event spoke';
COMMENT ON COLUMN result.client IS 'whose program reports';
COMMENT ON COLUMN result.source IS 'the client''s own name of the agenda';
COMMENT ON COLUMN result.version IS 'of the meeting that was applied or refused';
COMMENT ON COLUMN result.kind IS 'enum entente_result_kind of proto/message_meeting.h';
COMMENT ON COLUMN result.reason IS 'enum entente_reason_code of proto/message_agenda.h; 0 unless refused';
COMMENT ON COLUMN result.comment IS 'the agenda''s own words, sealed (broker/seal.h) and written in hexadecimal';
COMMENT ON COLUMN result.at IS 'when it was reported';
