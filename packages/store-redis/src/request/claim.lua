-- RequestStore.claim: hands out what is claimable of several kinds, oldest first, and marks it running.
-- ARGV     2 kind, 3 how many at most, 4 the next kind, 5 …
-- Reads    requests (a kind of which nothing may be claimed costs no more), the kinds' queues, the records
-- Writes   records of these kinds whose limit passed; the records handed out, limits, pending, due, again, requests
-- Answers  the records, in the order of the kinds

local taken = {}

-- Moves what may be delivered again to where it is found in the order of creation.
local function recall(kind)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', lane(kind, 'due'), '-inf', '(' .. ARGV[1])) do
    local read = redis.call('HMGET', record(id), 'seq', 'running')
    redis.call('ZREM', lane(kind, 'due'), id)
    if read[1] then
      redis.call('ZADD', lane(kind, 'again'), read[1], id)
      keep(lane(kind, 'again'), tonumber(read[2]) + slack)
    end
  end
end

-- The id that came first, and the queue it stands in.
local function oldest(kind)
  local pending = redis.call('ZRANGE', lane(kind, 'pending'), 0, 0, 'WITHSCORES')
  local again = redis.call('ZRANGE', lane(kind, 'again'), 0, 0, 'WITHSCORES')
  if again[1] and (not pending[1] or tonumber(again[2]) < tonumber(pending[2])) then return again[1], 'again' end
  return pending[1], 'pending'
end

-- Hands out the request that stands in this queue; false where it has no record any more.
local function deliver(kind, id, queue)
  local read = redis.call('HMGET', record(id), 'status', 'running', 'retention', 'most', 'delay', 'times', 'head',
    'started', 'outcome')
  if not read[1] then return false end
  local status, started = read[1], read[8]
  local running, times = tonumber(read[2]), tonumber(read[6] or 0) + 1
  redis.call('ZREM', lane(kind, queue), id)
  if status == 'p' then
    status, started = 'r', ARGV[1]
    local deadline = whole(now + running)
    redis.call('HSET', record(id), 'status', 'r', 'started', ARGV[1], 'deadline', deadline,
      'delivered', ARGV[1], 'times', times, 'updated', ARGV[1])
    redis.call('PEXPIRE', record(id), whole(running + tonumber(read[3]) + slack))
    redis.call('ZADD', lane(kind, 'limits'), deadline, id)
    keep(lane(kind, 'limits'), running + slack)
  else
    redis.call('HSET', record(id), 'delivered', ARGV[1], 'times', times, 'updated', ARGV[1])
  end
  if times < tonumber(read[4]) then
    redis.call('ZADD', lane(kind, 'due'), whole(now + tonumber(read[5])), id)
    keep_new(lane(kind, 'due'), running + slack)
  end
  taken[#taken + 1] = { read[7], status, ARGV[1], started, ARGV[1], tostring(times), read[9] }
  return true
end

for i = 2, #ARGV, 2 do
  local kind, left = ARGV[i], tonumber(ARGV[i + 1])
  local at = redis.call('ZSCORE', requests, kind)
  if at and (at == '-inf' or tonumber(at) < now) then
    sweep(kind)
    recall(kind)
    while left > 0 do
      local id, queue = oldest(kind)
      if not id then break end
      if deliver(kind, id, queue) then
        left = left - 1
      else
        leave(kind, id)
      end
    end
    note(kind)
  end
end
return taken
