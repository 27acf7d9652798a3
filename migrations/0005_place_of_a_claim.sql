-- SPDX-License-Identifier: Apache-2.0
--
-- Where somebody is because of a meeting of ours, so that the way to the next is counted.

ALTER TABLE claim ADD COLUMN place text;
COMMENT ON COLUMN claim.place IS 'key of the place where the person attends; null: nobody has to be anywhere';
