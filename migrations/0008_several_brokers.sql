-- SPDX-License-Identifier: Apache-2.0
--
-- Several brokers on one database; what is kept how long; a database that was restored.

ALTER TABLE broker ADD COLUMN incarnation int8 NOT NULL DEFAULT 0;
COMMENT ON COLUMN broker.incarnation IS 'random, written at each start: whoever finds another one here is not this broker any more';

-- A hello is told to the others as well: the newest one wins, wherever it was said.
ALTER TABLE feed DROP CONSTRAINT feed_kind_check;
ALTER TABLE feed ADD CONSTRAINT feed_kind_check CHECK (kind BETWEEN 1 AND 5);
COMMENT ON COLUMN feed.kind IS '1 availability of a person, 2 claims of a person, 3 a meeting (written no more), 4 a recipient, 5 a hello';
COMMENT ON COLUMN feed.client IS 'of kinds 4 and 5';
COMMENT ON COLUMN feed.version IS 'after the change; of kind 5 the request epoch that was granted';
CREATE INDEX feed_at ON feed (at);

CREATE TABLE lease (
    task   text PRIMARY KEY,
    broker int8 NOT NULL DEFAULT 0,
    until  timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE lease IS 'what one broker at a time does for all of them';
COMMENT ON COLUMN lease.task IS '"due": deadlines, the waiting list, and the purge';
COMMENT ON COLUMN lease.broker IS 'who does it';
COMMENT ON COLUMN lease.until IS 'by the database''s clock; whoever does it renews it, anybody may take it afterwards';
INSERT INTO lease (task) VALUES ('due');

CREATE TABLE generation (
    number   int4 PRIMARY KEY CHECK (number > 0),
    begun    timestamptz NOT NULL DEFAULT clock_timestamp(),
    because  text NOT NULL
);
COMMENT ON TABLE generation IS 'one row, and one more for each time that the database turned out to be older than what clients and brokers had seen of it';
COMMENT ON COLUMN generation.number IS 'the highest one is in force';
COMMENT ON COLUMN generation.begun IS 'when it began';
COMMENT ON COLUMN generation.because IS 'a sentence for the operator';
INSERT INTO generation (number, because) VALUES (1, 'The database was made.');

CREATE TABLE ahead (
    generation      int4 NOT NULL REFERENCES generation,
    client          int8 NOT NULL REFERENCES client,
    said_epoch      int8 NOT NULL,
    said_event      int8 NOT NULL,
    issued_event    int8 NOT NULL,
    said_requests   int8 NOT NULL,
    granted_requests int8 NOT NULL,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (generation, client)
);
COMMENT ON TABLE ahead IS 'which client knew more than the restored database: what is missing lies in between';
COMMENT ON COLUMN ahead.generation IS 'that began because of it, or was in force';
COMMENT ON COLUMN ahead.client IS 'who knew more';
COMMENT ON COLUMN ahead.said_epoch IS 'the numbering that its events were of';
COMMENT ON COLUMN ahead.said_event IS 'the last event that it had applied';
COMMENT ON COLUMN ahead.issued_event IS 'the last event that the restored database had issued';
COMMENT ON COLUMN ahead.said_requests IS 'the request epoch that it worked in; 0: not said';
COMMENT ON COLUMN ahead.granted_requests IS 'the last request epoch that the restored database had granted';
COMMENT ON COLUMN ahead.at IS 'when it said so';

ALTER TABLE recipient
    ADD COLUMN restored_epoch int8 NOT NULL DEFAULT 0,
    ADD COLUMN restored_seq int8 NOT NULL DEFAULT 0;
COMMENT ON COLUMN recipient.restored_epoch IS 'the numbering when the last generation began; 0: it began with the generation';
COMMENT ON COLUMN recipient.restored_seq IS 'the last number issued when the last generation began';

-- Below this nothing is asked for again.
ALTER TABLE client
    ADD COLUMN replies_epoch int8 NOT NULL DEFAULT 0,
    ADD COLUMN replies_received int8 NOT NULL DEFAULT 0,
    ADD COLUMN restored_requests int8 NOT NULL DEFAULT 0;
COMMENT ON COLUMN client.restored_requests IS 'the last epoch granted when the last generation began; 0: no other generation has begun';
COMMENT ON COLUMN client.replies_epoch IS 'of replies_received';
COMMENT ON COLUMN client.replies_received IS 'replies up to here have been received: those requests may be forgotten';
CREATE INDEX command_at ON command (at);
CREATE INDEX outbox_at ON outbox (at);
CREATE INDEX audit_at ON audit (at);

-- Half a year at least nobody takes a link away; afterwards the purge may.
CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < clock_timestamp() - interval '180 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit rows are never changed';
END $$;
