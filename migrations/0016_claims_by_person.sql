-- SPDX-License-Identifier: Apache-2.0
--
-- Claims are looked up by their person alone, also those of one meeting, whose people its row
-- names.  An index on the meeting was written with every claim and read by nothing.

DROP INDEX claim_meeting;
