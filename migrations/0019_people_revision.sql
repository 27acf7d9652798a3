-- SPDX-License-Identifier: Apache-2.0
--
-- Brokers ask every two seconds whom each client speaks for, which are a million people: what has
-- not changed is not told again.

ALTER TABLE client ADD COLUMN people_revision int8 NOT NULL DEFAULT 0;
COMMENT ON COLUMN client.people_revision IS 'another one with each change of whom the client speaks for: microseconds since 1970, so that it does not come back after a restore';

CREATE FUNCTION people_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE client
       SET people_revision = greatest(people_revision + 1,
                                      (extract(epoch FROM clock_timestamp()) * 1000000)::int8)
     WHERE id IN (SELECT client FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER people_added AFTER INSERT ON speaks_for REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION people_changed();
CREATE TRIGGER people_taken_away AFTER DELETE ON speaks_for REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION people_changed();
CREATE TRIGGER people_changed_from AFTER UPDATE ON speaks_for REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION people_changed();
CREATE TRIGGER people_changed_to AFTER UPDATE ON speaks_for REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION people_changed();
