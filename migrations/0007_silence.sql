-- SPDX-License-Identifier: Apache-2.0
--
-- Who is served first of those that wait, and who has agreed to accept by silence.

ALTER TABLE waiting
    ADD COLUMN priority int2 NOT NULL DEFAULT 1 CHECK (priority BETWEEN 1 AND 3),
    ADD COLUMN since timestamptz;
UPDATE waiting w SET since = coalesce((SELECT created FROM meeting WHERE id = w.meeting), now());
ALTER TABLE waiting ALTER COLUMN since SET NOT NULL, ALTER COLUMN priority DROP DEFAULT;
COMMENT ON COLUMN waiting.priority IS 'enum entente_priority of proto/message_meeting.h: the higher one is served first';
COMMENT ON COLUMN waiting.since IS 'when it was asked for: of the same priority the oldest is served first';

ALTER TABLE source ADD COLUMN tacit boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN source.tacit IS 'its owner has agreed to accept by silence where a request asks for that';
