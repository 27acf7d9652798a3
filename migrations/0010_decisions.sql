-- SPDX-License-Identifier: Apache-2.0
--
-- Why each meeting is where it is: every step of the negotiation, and what the search
-- behind it was given, so that it can be made again.

CREATE TABLE decision (
    meeting   uuid NOT NULL,
    version   int4 NOT NULL,
    at        timestamptz NOT NULL,
    event     int2 NOT NULL,
    came_from int2 NOT NULL,
    went_to   int2 NOT NULL,
    client    int8 NOT NULL,
    channel   int2 NOT NULL,
    party     int2 NOT NULL,
    proposal  int4 NOT NULL,
    during    int4range,
    option    int2 NOT NULL,
    searched  bool NOT NULL,
    matcher   int4 NOT NULL,
    evidence  bytea,
    PRIMARY KEY (meeting, version)
);
CREATE INDEX decision_at ON decision (at);
CREATE INDEX decision_evidence ON decision (at) WHERE evidence IS NOT NULL;
COMMENT ON TABLE decision IS 'one step of a negotiation, in the order of its versions; printed and made again by entente explain';
COMMENT ON COLUMN decision.meeting IS 'whose step';
COMMENT ON COLUMN decision.version IS 'of the meeting after the step';
COMMENT ON COLUMN decision.at IS 'when it was decided';
COMMENT ON COLUMN decision.event IS 'enum negotiation_event of broker/negotiation.h';
COMMENT ON COLUMN decision.came_from IS 'the state before, enum entente_state; 0: the meeting was made';
COMMENT ON COLUMN decision.went_to IS 'the state after';
COMMENT ON COLUMN decision.client IS 'whose command it was; 0: time did it';
COMMENT ON COLUMN decision.channel IS 'how it came, enum entente_channel; 0: not said';
COMMENT ON COLUMN decision.party IS 'which party did it, counted from 1; 0: the organizer, or time';
COMMENT ON COLUMN decision.proposal IS 'number of the proposal after the step; 0: none';
COMMENT ON COLUMN decision.during IS 'UTC minutes proposed or agreed after the step';
COMMENT ON COLUMN decision.option IS 'of the proposal, counted from 0';
COMMENT ON COLUMN decision.searched IS 'whether a search stands behind the step';
COMMENT ON COLUMN decision.matcher IS 'MATCH_RULES (matcher/slot.h) of the matcher that searched';
COMMENT ON COLUMN decision.evidence IS 'what the search was given and what it answered, sealed; NULL: none, or too large to be kept';
