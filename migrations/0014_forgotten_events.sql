-- SPDX-License-Identifier: Apache-2.0
--
-- Which events were forgotten although nobody has acknowledged them: the auditor takes no
-- others for lost.

ALTER TABLE recipient ADD COLUMN forgotten_seq int8 NOT NULL DEFAULT 0;
COMMENT ON COLUMN recipient.forgotten_seq IS 'up to here events were forgotten unacknowledged, after their time; 0: none';
