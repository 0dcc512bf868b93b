-- RequestStore.settle: the first report of an unfinished request wins; what is terminal stays as it is.
-- ARGV     2 id, 3 status (c or f), 4 outcome (the result as JSON, or the error's text)
-- Reads    the record
-- Writes   the record, and the kind's queues
-- Answers  {'settled', record}, {'already', record} or {'absent'}

local id = ARGV[2]
local status, kind, retention = current(id)
if not status then return { 'absent' } end
if status ~= 'p' and status ~= 'r' then return { 'already', fields(id) } end
redis.call('HSET', record(id), 'status', ARGV[3], 'outcome', ARGV[4], 'updated', ARGV[1])
redis.call('PEXPIRE', record(id), whole(retention + slack))
leave(kind, id, status)
note(kind)
return { 'settled', fields(id) }
