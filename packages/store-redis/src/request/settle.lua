-- RequestStore.settle: the first report of an unfinished request wins; what is terminal stays as it is.
-- ARGV     2 id, 3 status (c or f), 4 outcome (the result as JSON, or the error's text)
-- Reads    the record
-- Writes   the record, and the kind's queues
-- Answers  {'settled', record}, {'already', record} or {'absent'}

local id = ARGV[2]
local answer, kind, retention = current(id)
if not answer then return { 'absent' } end
local status = answer[2]
if status ~= 'p' and status ~= 'r' then return { 'already', answer } end
redis.call('HSET', record(id), 'status', ARGV[3], 'outcome', ARGV[4], 'updated', ARGV[1])
redis.call('PEXPIRE', record(id), whole(retention + slack))
leave(kind, id)
note(kind)
answer[2], answer[3], answer[7] = ARGV[3], ARGV[1], ARGV[4]
return { 'settled', answer }
