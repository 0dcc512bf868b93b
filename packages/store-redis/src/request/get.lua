-- RequestStore.get: one request whose limit passed, or its retention, or that waits for long; any other is read by one
-- command.
-- ARGV     2 id
-- Reads    the record, and of one that waits its place in the queues
-- Writes   where its limit passed: the record, and the kind's queues; where its place was lost (evicted): limits, queue,
--          requests
-- Answers  the record, or nothing

local id = ARGV[2]
local answer, kind = current(id)
if not answer then return false end
if answer[2] == 'p' then restore(kind, id) end
return answer
