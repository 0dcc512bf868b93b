-- RequestStore.create: admits one request of a kind, or says what stands in its way.
-- ARGV     2 id, 3 kind, 4 head, 5 admission (coalesce, exclusive or many), 6 how many may wait (of many),
--          7 pending limit, 8 running limit, 9 retention, 10 deliveries, 11 redelivery delay (ms)
-- Reads    the kind's limits and pending, and the record that is there already
-- Writes   records of this kind whose limit passed; the record, limits, pending, requests, seq
-- Answers  {'made'}: the caller has the record; {'coalesce', the unfinished record}, {'exclusive', the unfinished record} or {'full'}

local id, kind, admission = ARGV[2], ARGV[3], ARGV[5]
local pending, running, retention = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- The oldest unfinished one that is really there.
local function standing()
  while true do
    local first = redis.call('ZRANGE', lane(kind, 'limits'), 0, 0)[1]
    if not first or redis.call('EXISTS', record(first)) == 1 then return first end
    leave(kind, first)
  end
end

local function is_full()
  local queue, most = lane(kind, 'pending'), tonumber(ARGV[6])
  if redis.call('ZCARD', queue) < most then return false end
  for _, waiting in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
    if redis.call('EXISTS', record(waiting)) == 0 then leave(kind, waiting) end
  end
  return redis.call('ZCARD', queue) >= most
end

sweep(kind)
if admission == 'many' then
  if is_full() then
    note(kind)
    return { 'full' }
  end
else
  local first = standing()
  if first then
    note(kind)
    return { admission, fields(first) }
  end
end

local seq = redis.call('INCR', requests .. ':seq')
redis.call('HSET', record(id), 'head', ARGV[4], 'kind', kind, 'status', 'p', 'seq', seq,
  'deadline', whole(now + pending), 'running', ARGV[8], 'retention', ARGV[9], 'most', ARGV[10], 'delay', ARGV[11],
  'updated', ARGV[1])
redis.call('PEXPIRE', record(id), whole(pending + retention + slack))
redis.call('ZADD', lane(kind, 'pending'), seq, id)
redis.call('ZADD', lane(kind, 'limits'), whole(now + pending), id)
redis.call('ZADD', requests, '-inf', kind)
for _, key in ipairs({ lane(kind, 'pending'), lane(kind, 'limits'), requests }) do
  keep_new(key, pending + running + slack)
end
keep(requests .. ':seq', pending + running + slack)
return { 'made' }
