-- SPDX-License-Identifier: Apache-2.0
--
-- The negotiation's table, enforced: no meeting changes its state by a path that the table
-- does not have.  And people whose time is looked into, because the audit found something.

CREATE TABLE transition (
    from_state int2 NOT NULL CHECK (from_state BETWEEN 0 AND 8),
    event      int2 NOT NULL CHECK (event BETWEEN 1 AND 255),
    to_state   int2 NOT NULL CHECK (to_state BETWEEN 1 AND 8),
    effects    int4 NOT NULL,
    refuses    bool NOT NULL,
    name       text NOT NULL,
    code       text NOT NULL,
    why        text NOT NULL,
    PRIMARY KEY (from_state, event)
);
COMMENT ON TABLE transition IS 'the rows of broker/negotiation.c: `entente migrate` fills them in, a broker with others does not start, and meeting_walks lets no meeting go another way';
COMMENT ON COLUMN transition.from_state IS 'enum negotiation_state of broker/negotiation.h; 0: before the first';
COMMENT ON COLUMN transition.event IS 'enum negotiation_event';
COMMENT ON COLUMN transition.to_state IS 'where the event leads';
COMMENT ON COLUMN transition.effects IS 'bits of enum negotiation_effect';
COMMENT ON COLUMN transition.refuses IS 'the event is answered with a refusal: no meeting ever takes this row';
COMMENT ON COLUMN transition.name IS 'of the event';
COMMENT ON COLUMN transition.code IS 'what the meeting carries as its last event';
COMMENT ON COLUMN transition.why IS 'for people';

ALTER TABLE meeting ADD COLUMN path bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN meeting.path IS 'the events, one byte each, that led here from the version before';

-- A change of a meeting names the events that led to it, and they are walked here once more.
CREATE FUNCTION meeting_walks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here int2 := 0;
    next int2;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.version = OLD.version AND NEW.state = OLD.state
           AND NEW.held IS NOT DISTINCT FROM OLD.held
           AND NEW.firm IS NOT DISTINCT FROM OLD.firm THEN
            RETURN NEW;
        END IF;
        IF NEW.version <= OLD.version THEN
            RAISE EXCEPTION 'the version of a meeting does not rise'
                USING ERRCODE = '23514', CONSTRAINT = 'meeting_version_rises';
        END IF;
        here := OLD.state;
    END IF;
    IF octet_length(NEW.path) = 0 THEN
        RAISE EXCEPTION 'a meeting changes without an event'
            USING ERRCODE = '23514', CONSTRAINT = 'meeting_walks';
    END IF;
    FOR i IN 0 .. octet_length(NEW.path) - 1 LOOP
        SELECT to_state INTO next FROM transition
         WHERE from_state = here AND event = get_byte(NEW.path, i) AND NOT refuses;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such step from state %', here
                USING ERRCODE = '23514', CONSTRAINT = 'meeting_walks';
        END IF;
        here := next;
    END LOOP;
    IF here <> NEW.state THEN
        RAISE EXCEPTION 'the path leads to state %', here
            USING ERRCODE = '23514', CONSTRAINT = 'meeting_walks';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meeting_walks BEFORE INSERT OR UPDATE ON meeting
    FOR EACH ROW EXECUTE FUNCTION meeting_walks();

ALTER TABLE person ADD COLUMN frozen timestamptz, ADD COLUMN frozen_why text;
COMMENT ON COLUMN person.frozen IS 'since when nothing of this person''s claims may change, because `entente audit` found something';
COMMENT ON COLUMN person.frozen_why IS 'what it found';
