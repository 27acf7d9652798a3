-- SPDX-License-Identifier: Apache-2.0
--
-- Every command about a meeting asks whether anybody of it is frozen, without locking anybody:
-- there are next to none, and this is all of them.

CREATE INDEX person_frozen ON person (id) WHERE frozen IS NOT NULL;
