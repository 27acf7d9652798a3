-- SPDX-License-Identifier: Apache-2.0
--
-- Who there is: people, the vendors' installations that speak for them, and what each
-- agenda has said.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE person (
    id         int8 PRIMARY KEY CHECK (id > 0),
    kind       int2 NOT NULL,
    system     text,
    value      text,
    blind      bytea UNIQUE CHECK (octet_length(blind) = 32),
    sealed     bytea,
    version    int8 NOT NULL DEFAULT 1,
    created    timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (system, value),
    -- A patient's identifier is never readable here; everybody else's always is.
    CHECK ((system IS NULL) = (value IS NULL)),
    CHECK ((blind IS NULL) = (sealed IS NULL)),
    CHECK ((system IS NULL) <> (blind IS NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE person IS 'somebody whose time can be claimed; a random id, so that one human with several identifiers can become one row';
COMMENT ON COLUMN person.id IS 'random; means nothing';
COMMENT ON COLUMN person.kind IS 'enum entente_party_kind of proto/message.h';
COMMENT ON COLUMN person.system IS 'system of the identifier, a URI; NULL for patients and representatives';
COMMENT ON COLUMN person.value IS 'the identifier; NULL for patients and representatives';
COMMENT ON COLUMN person.blind IS 'patients and representatives: HMAC-SHA-256 of the identifier, for look-up by equality';
COMMENT ON COLUMN person.sealed IS 'patients and representatives: the identifier, sealed (broker/seal.h)';
COMMENT ON COLUMN person.version IS 'rises with every change of the person''s availability or claims';
COMMENT ON COLUMN person.created IS 'when the operator made this person known';

CREATE TABLE client (
    id                int8 PRIMARY KEY CHECK (id > 0),
    name              text NOT NULL UNIQUE,
    public_key        text NOT NULL UNIQUE CHECK (length(public_key) = 40),
    sandbox           bool NOT NULL DEFAULT false,
    is_operator       bool NOT NULL DEFAULT false,
    revoked           timestamptz,
    request_epoch     int8 NOT NULL DEFAULT 0,
    publication_epoch int8 NOT NULL DEFAULT 0,
    created           timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE client IS 'a vendor''s installation with its own CURVE key';
COMMENT ON COLUMN client.id IS 'random; means nothing';
COMMENT ON COLUMN client.name IS 'as the operator calls it; organizers and parties see it';
COMMENT ON COLUMN client.public_key IS 'its CURVE public key in Z85';
COMMENT ON COLUMN client.sandbox IS 'works with test identities only; may arrange meetings with a patient';
COMMENT ON COLUMN client.is_operator IS 'may ask for the figures of the whole broker';
COMMENT ON COLUMN client.revoked IS 'since when its key opens nothing';
COMMENT ON COLUMN client.request_epoch IS 'the last epoch granted for request ids';
COMMENT ON COLUMN client.publication_epoch IS 'the last epoch granted for publications';
COMMENT ON COLUMN client.created IS 'when the operator added it';

CREATE TABLE speaks_for (
    client int8 NOT NULL REFERENCES client,
    person int8 NOT NULL REFERENCES person,
    PRIMARY KEY (client, person)
);
CREATE INDEX speaks_for_person ON speaks_for (person);
COMMENT ON TABLE speaks_for IS 'whose agenda a client may publish and for whom it may answer';
COMMENT ON COLUMN speaks_for.client IS 'who speaks';
COMMENT ON COLUMN speaks_for.person IS 'for whom';

CREATE TABLE recipient (
    client    int8 PRIMARY KEY REFERENCES client,
    epoch     int8 NOT NULL DEFAULT 1,
    last_seq  int8 NOT NULL DEFAULT 0,
    acked_seq int8 NOT NULL DEFAULT 0,
    CHECK (acked_seq <= last_seq)
) WITH (fillfactor = 50);
COMMENT ON TABLE recipient IS 'the gapless numbering of the events sent to one client';
COMMENT ON COLUMN recipient.client IS 'the client that is told';
COMMENT ON COLUMN recipient.epoch IS 'of the numbering; a new one begins with a full resync';
COMMENT ON COLUMN recipient.last_seq IS 'the last number issued';
COMMENT ON COLUMN recipient.acked_seq IS 'acknowledged, this one and all before it';

CREATE TABLE heard (
    client int8 PRIMARY KEY REFERENCES client,
    at     timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE heard IS 'when a client was last heard of; its leases run from there';
COMMENT ON COLUMN heard.client IS 'who was heard';
COMMENT ON COLUMN heard.at IS 'when, by the database''s clock';

CREATE TABLE source (
    id             int8 PRIMARY KEY CHECK (id > 0),
    client         int8 NOT NULL REFERENCES client,
    key            text NOT NULL,
    person         int8 NOT NULL REFERENCES person,
    structure      text,
    name           text,
    version        int8 NOT NULL DEFAULT 1,
    epoch          int8 NOT NULL,
    sequence       int8 NOT NULL,
    coverage_start int4 NOT NULL,
    coverage_end   int4 NOT NULL,
    as_of          timestamptz NOT NULL,
    lease_seconds  int4 NOT NULL,
    ranges         bytea NOT NULL,
    range_count    int4 NOT NULL CHECK (range_count BETWEEN 0 AND 10000),
    UNIQUE (client, key),
    CHECK (coverage_start <= coverage_end)
);
CREATE INDEX source_person ON source (person);
COMMENT ON TABLE source IS 'one agenda of one person in one vendor''s software, as last published';
COMMENT ON COLUMN source.id IS 'random; means nothing';
COMMENT ON COLUMN source.client IS 'whose program publishes it';
COMMENT ON COLUMN source.key IS 'the client''s own name of the agenda';
COMMENT ON COLUMN source.person IS 'whose time it is';
COMMENT ON COLUMN source.structure IS 'the acting structure';
COMMENT ON COLUMN source.name IS 'the person''s name as this agenda shows it';
COMMENT ON COLUMN source.version IS 'rises with every publication';
COMMENT ON COLUMN source.epoch IS 'of the publication, granted in welcome';
COMMENT ON COLUMN source.sequence IS 'rises by one with every publication of an epoch';
COMMENT ON COLUMN source.coverage_start IS 'UTC minutes: the span for which the agenda has spoken';
COMMENT ON COLUMN source.coverage_end IS 'UTC minutes: the first one of which the agenda has not spoken';
COMMENT ON COLUMN source.as_of IS 'when the agenda was read';
COMMENT ON COLUMN source.lease_seconds IS 'how long the client may be silent before the person becomes unknown; 0 once that has happened, until the next publication';
COMMENT ON COLUMN source.ranges IS 'free, busy and tentative ranges, encoded (proto/codec.h); no titles';
COMMENT ON COLUMN source.range_count IS 'of the encoded list';
