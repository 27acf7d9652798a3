-- SPDX-License-Identifier: Apache-2.0
--
-- Several slots held together for one meeting, and how many slots a client holds at once.

ALTER TABLE meeting ADD COLUMN candidates int4range[]
    CHECK (candidates IS NULL OR (held IS NOT NULL AND cardinality(candidates) BETWEEN 2 AND 8));
COMMENT ON COLUMN meeting.candidates IS 'UTC minutes of all slots held together while they are being graded, the first one as in held; null: one slot at most is held';

-- What a client holds is counted before it holds more.
CREATE INDEX meeting_holding ON meeting (organizer) WHERE state IN (2, 4, 5);
