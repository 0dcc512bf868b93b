-- RequestStore.get: one request with its limits applied.
-- ARGV     2 id
-- Reads    the record
-- Writes   where its limit passed: the record, and the kind's queues
-- Answers  the record, or nothing

return current(ARGV[2]) or false
