-- RequestStore.get: one request whose limit passed, or its retention; any other is read by one command.
-- ARGV     2 id
-- Reads    the record
-- Writes   where its limit passed: the record, and the kind's queues
-- Answers  the record, or nothing

return current(ARGV[2]) or false
