-- RequestStore.claim: hands out what is claimable of several kinds, oldest first, and marks it running.
-- ARGV     2 kind, 3 how many at most, 4 the next kind, 5 …
-- Reads    the kinds' queues, the records
-- Writes   the records handed out, and those before them whose limit passed; limits, queue, requests
-- Answers  the records, in the order of the kinds

local taken = {}

-- Gives what may be delivered again its place in the order of creation.
local function recall(kind)
  for _, id in ipairs(redis.call('ZRANGE', lane(kind, 'queue'), '0', '(' .. ARGV[1], 'BYSCORE')) do
    local seq = redis.call('HGET', record(id), 'seq')
    if seq then
      redis.call('ZADD', lane(kind, 'queue'), seq, id)
    else
      leave(kind, id)
    end
  end
end

-- The id that comes first of those that may be claimed.
local function oldest(kind)
  while true do
    local first = redis.call('ZRANGE', lane(kind, 'queue'), '(' .. ARGV[1], '-inf', 'BYSCORE', 'REV', 'LIMIT', '0', '1',
      'WITHSCORES')
    if not first[1] or tonumber(first[2]) < 0 then return first[1] end
    recall(kind)
  end
end

-- Hands out this request; false where it has no record any more, or its limit passed unnoticed since its place among the
-- limits was lost.
local function deliver(kind, id)
  local read = redis.call('HMGET', record(id), 'status', 'running', 'most', 'delay', 'times', 'head', 'started',
    'deadline', 'retention')
  if not read[1] then return false end
  if now > tonumber(read[8]) then
    time_out(id, tonumber(read[8]), tonumber(read[9]))
    return false
  end
  local status, started, times = read[1], read[7], whole((read[5] or 0) + 1)
  if status == 'p' then
    status, started = 'r', ARGV[1]
    local running = tonumber(read[2])
    local deadline = whole(now + running)
    redis.call('HSET', record(id), 'status', 'r', 'started', ARGV[1], 'deadline', deadline,
      'delivered', ARGV[1], 'times', times, 'updated', ARGV[1])
    put(lane(kind, 'limits'), id, deadline, whole(running + slack))
  else
    redis.call('HSET', record(id), 'delivered', ARGV[1], 'times', times, 'updated', ARGV[1])
  end
  if tonumber(times) < tonumber(read[3]) then
    redis.call('ZADD', lane(kind, 'queue'), whole(now + tonumber(read[4])), id)
  else
    redis.call('ZREM', lane(kind, 'queue'), id)
  end
  taken[#taken + 1] = { read[6], status, ARGV[1], started, ARGV[1], times, false }
  return true
end

for i = 2, #ARGV, 2 do
  local kind, left = ARGV[i], tonumber(ARGV[i + 1])
  while left > 0 do
    local id = oldest(kind)
    if not id then break end
    if deliver(kind, id) then
      left = left - 1
    else
      leave(kind, id)
    end
  end
  note(kind)
end
return taken
