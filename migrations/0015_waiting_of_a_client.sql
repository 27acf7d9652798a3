-- SPDX-License-Identifier: Apache-2.0
--
-- How many meetings of a client wait for a time is counted before one more may: each of them is
-- searched again whenever somebody becomes freer.

CREATE INDEX meeting_waiting ON meeting (organizer) WHERE state = 1;
