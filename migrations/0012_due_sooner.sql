-- SPDX-License-Identifier: Apache-2.0
--
-- Every batch that locks people asks what is due that concerns them, before its commands: of
-- searches and of deadlines that give time back, not of the meetings that have just ended,
-- which are thousands when an hour strikes.

CREATE INDEX due_sooner ON due (at) WHERE reason IN (1, 3, 5, 6);
