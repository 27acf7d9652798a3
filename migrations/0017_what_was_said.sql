-- SPDX-License-Identifier: Apache-2.0
--
-- What was said that led to a step: a reason, acceptable times, a counter-slot, who comes
-- instead.  Why somebody stays away is health data.

ALTER TABLE decision ADD COLUMN said bytea;
COMMENT ON COLUMN decision.said IS 'what was said beyond the event, sealed; NULL: nothing';
