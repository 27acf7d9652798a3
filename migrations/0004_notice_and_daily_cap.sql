-- SPDX-License-Identifier: Apache-2.0
--
-- What an agenda offers only so soon, and only so often.

ALTER TABLE source
    ADD COLUMN notice_minutes int4 NOT NULL DEFAULT 0 CHECK (notice_minutes >= 0),
    ADD COLUMN daily_cap int4 NOT NULL DEFAULT 0 CHECK (daily_cap >= 0);
COMMENT ON COLUMN source.notice_minutes IS 'minutes from now on that it does not offer';
COMMENT ON COLUMN source.daily_cap IS 'most meetings of ours on one civil day; 0: no cap';
