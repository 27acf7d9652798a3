-- SPDX-License-Identifier: Apache-2.0
--
-- What is to be told, and what was done.

CREATE TABLE outbox (
    recipient int8 NOT NULL,
    seq       int8 NOT NULL CHECK (seq > 0),
    meeting   uuid NOT NULL,
    version   int4 NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (recipient, seq)
);
COMMENT ON TABLE outbox IS 'pointers: which client is to learn of which meeting; the view is made when it is sent';
COMMENT ON COLUMN outbox.recipient IS 'the client that is to be told';
COMMENT ON COLUMN outbox.seq IS 'gapless per recipient';
COMMENT ON COLUMN outbox.meeting IS 'of what';
COMMENT ON COLUMN outbox.version IS 'of the meeting when this was written; a newer one may be sent';
COMMENT ON COLUMN outbox.at IS 'when it was written: the age of what is undelivered runs from there';

CREATE TABLE audit (
    broker int8 NOT NULL,
    seq    int8 NOT NULL CHECK (seq > 0),
    at     timestamptz NOT NULL,
    prev   bytea NOT NULL,
    hash   bytea NOT NULL,
    body   bytea NOT NULL,
    PRIMARY KEY (broker, seq)
);
COMMENT ON TABLE audit IS 'one hash chain per broker, one link per batch, written in the same transaction';
COMMENT ON COLUMN audit.broker IS 'whose chain';
COMMENT ON COLUMN audit.seq IS 'gapless per broker';
COMMENT ON COLUMN audit.at IS 'when the batch was decided';
COMMENT ON COLUMN audit.prev IS 'hash of the link before; of the first one: zeros';
COMMENT ON COLUMN audit.hash IS 'SHA-256 over prev, broker and seq (8 bytes each, big-endian) and body';
COMMENT ON COLUMN audit.body IS 'what the batch did';

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE TABLE feed (
    origin  int8 NOT NULL,
    seq     int8 NOT NULL CHECK (seq > 0),
    kind    int2 NOT NULL CHECK (kind BETWEEN 1 AND 4),
    person  int8,
    meeting uuid,
    client  int8,
    version int8,
    at      timestamptz NOT NULL,
    PRIMARY KEY (origin, seq)
);
COMMENT ON TABLE feed IS 'what every broker changed, for the other brokers to follow';
COMMENT ON COLUMN feed.origin IS 'the broker that changed it; negated where its publications did, which are a transaction of their own';
COMMENT ON COLUMN feed.seq IS 'gapless per origin';
COMMENT ON COLUMN feed.kind IS '1 availability of a person, 2 claims of a person, 3 a meeting, 4 a recipient';
COMMENT ON COLUMN feed.person IS 'of kinds 1 and 2';
COMMENT ON COLUMN feed.meeting IS 'of kind 3';
COMMENT ON COLUMN feed.client IS 'of kind 4';
COMMENT ON COLUMN feed.version IS 'after the change';
COMMENT ON COLUMN feed.at IS 'when it was changed';

CREATE TABLE broker (
    id      int8 PRIMARY KEY,
    started timestamptz NOT NULL,
    alive   timestamptz NOT NULL
);
COMMENT ON TABLE broker IS 'the brokers and when each was last alive: after an outage of all of them, leases and deadlines are extended by it';
COMMENT ON COLUMN broker.id IS 'the number that it was started with';
COMMENT ON COLUMN broker.started IS 'when it last started';
COMMENT ON COLUMN broker.alive IS 'when it last said that it lives';
