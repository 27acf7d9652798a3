-- SPDX-License-Identifier: Apache-2.0
--
-- Agendas that no longer say what was agreed, and when that is too much from one client.

CREATE TABLE divergence (
    meeting   uuid NOT NULL,
    person    int8 NOT NULL,
    client    int8 NOT NULL,
    kind      int2 NOT NULL CHECK (kind BETWEEN 1 AND 3),
    held_back boolean NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (meeting, person)
);
CREATE INDEX divergence_at ON divergence (at, client);
CREATE INDEX divergence_client ON divergence (client, at);
CREATE INDEX divergence_person ON divergence (person);
COMMENT ON TABLE divergence IS 'an agenda that refused or deleted an event of ours, or is busy with something else at that time: counted for the breaker, looked at again when the agenda speaks; forgotten after a day';
COMMENT ON COLUMN divergence.meeting IS 'what had been agreed';
COMMENT ON COLUMN divergence.person IS 'whose agenda it is';
COMMENT ON COLUMN divergence.client IS 'the client whose agenda diverges';
COMMENT ON COLUMN divergence.kind IS 'enum entente_divergence_kind of proto/message_meeting.h';
COMMENT ON COLUMN divergence.held_back IS 'the breaker of the client was open: nobody has been asked';
COMMENT ON COLUMN divergence.at IS 'when it was noticed';

CREATE TABLE breaker (
    client  int8 PRIMARY KEY REFERENCES client,
    tripped timestamptz,
    lifted  timestamptz,
    CHECK (tripped IS NOT NULL OR lifted IS NOT NULL)
);
COMMENT ON TABLE breaker IS 'clients of whom so many agendas diverged at once that no meeting is reopened for it until the operator has looked';
COMMENT ON COLUMN breaker.client IS 'whose agendas';
COMMENT ON COLUMN breaker.tripped IS 'since when; NULL: the operator has reset it';
COMMENT ON COLUMN breaker.lifted IS 'until when nothing is counted, because the operator has said that the divergences are real';
