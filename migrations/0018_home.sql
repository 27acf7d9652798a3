-- SPDX-License-Identifier: Apache-2.0
--
-- Where the database lives.  One that was restored lives on another timeline, or in another
-- cluster, than it says.

CREATE TABLE home (
    one      bool PRIMARY KEY DEFAULT true CHECK (one),
    cluster  int8 NOT NULL,
    timeline int4 NOT NULL
);
COMMENT ON TABLE home IS 'one row: where brokers have found the database; one that was restored, or a standby that was promoted, is found elsewhere';
COMMENT ON COLUMN home.one IS 'there is one row';
COMMENT ON COLUMN home.cluster IS 'system identifier of the PostgreSQL cluster';
COMMENT ON COLUMN home.timeline IS 'timeline of its WAL: a new one begins when a backup has been replayed, or a standby is promoted';
