-- What every script begins with: the keys of one runtime, and what happens to a request with time.
--
-- KEYS[1]  `<prefix>{<runtime>}:requests`: sorted set, kind → the moment after which something of it may be claimed. The
--          one key that a probe reads. All other keys begin with it, so they are in the same slot:
--   :id:<id>           hash, the record: `head` (what never changes), `kind`, `status` (p, r, c, f, t), `seq`,
--                      `deadline` (of p and r), `running`, `retention`, `most` (deliveries), `delay` (of redelivery),
--                      `updated`; once delivered `started`, `delivered`, `times`; once reported `outcome`
--   :<kind>:limits     sorted set, id → deadline: all unfinished ones
--   :<kind>:queue      sorted set: id → seq for those that may be claimed, which is below 0; id → the moment after which it
--                      may be delivered again for those that were delivered
--   :seq               the number of the latest request, counted down: what came first, also within one millisecond
-- ARGV[1]  the caller's time, epoch ms: it decides everything. Redis's own clock only removes what nobody asks for, by
--          relative times with `slack` (ms) on top, since the callers' clocks may differ a little.
--
-- Any key may be lost (evicted). An id without a record is dropped where it is met; a record without its place in a queue
-- gets it again when somebody looks at it after a while, and otherwise ends by its limit.

local requests = KEYS[1]
local now = tonumber(ARGV[1])
local slack = 60000

local function record(id) return requests .. ':id:' .. id end
local function lane(kind, part) return requests .. ':' .. kind .. ':' .. part end
-- A moment or a span as text: Redis makes text of numbers itself, but slowly.
local function whole(ms) return string.format('%.0f', ms) end

-- The key lives for at least so many ms from now. One call where it was just made; the flags are of Redis 7.
local function keep(key, ms)
  if redis.call('PEXPIRE', key, ms, 'NX') == 0 then redis.call('PEXPIRE', key, ms, 'GT') end
end

-- Gives a member of a sorted set its score. The key lives for at least so many ms from the moment the member came.
local function put(key, member, score, ms)
  if redis.call('ZADD', key, score, member) == 1 then keep(key, ms) end
end

-- Takes an id out of the queues.
local function leave(kind, id)
  redis.call('ZREM', lane(kind, 'limits'), id)
  redis.call('ZREM', lane(kind, 'queue'), id)
end

-- Notes for the probe when something of this kind may be claimed.
local function note(kind)
  local at = redis.call('ZRANGE', lane(kind, 'queue'), '0', '0', 'WITHSCORES')[2]
  if not at then
    redis.call('ZREM', requests, kind)
  elseif redis.call('ZADD', requests, tonumber(at) < 0 and '-inf' or at, kind) == 1 then
    -- It was lost: it lives as long as what it tells of.
    keep(requests, whole(math.max(slack, redis.call('PTTL', lane(kind, 'limits')))))
  end
end

-- Gives a request that was never delivered its place in the queues again, where that was lost.
local function restore(kind, id)
  local read = redis.call('HMGET', record(id), 'seq', 'deadline', 'running')
  local left = whole(math.max(0, tonumber(read[2]) - now) + tonumber(read[3]) + slack)
  if not redis.call('ZSCORE', lane(kind, 'limits'), id) then put(lane(kind, 'limits'), id, read[2], left) end
  if not redis.call('ZSCORE', lane(kind, 'queue'), id) then put(lane(kind, 'queue'), id, read[1], left) end
  note(kind)
end

-- A limit passed: the record times out as of that moment, or is gone where its retention passed too.
local function time_out(id, deadline, retention)
  if now > deadline + retention then
    redis.call('DEL', record(id))
  else
    redis.call('HSET', record(id), 'status', 't', 'updated', whole(deadline))
  end
end

-- Applies the limits to every request of this kind, dead heads however many: each is added once and removed once.
local function sweep(kind)
  local limits = lane(kind, 'limits')
  repeat
    local over = redis.call('ZRANGEBYSCORE', limits, '-inf', '(' .. ARGV[1], 'LIMIT', '0', '200')
    for _, id in ipairs(over) do
      local read = redis.call('HMGET', record(id), 'deadline', 'retention')
      if read[1] then time_out(id, tonumber(read[1]), tonumber(read[2])) end
      leave(kind, id)
    end
  until #over == 0
end

-- Applies the limits to one request; answers its fields as the client reads them, its kind and its retention, or nothing
-- where it is unknown or past its retention.
local function current(id)
  local read = redis.call('HMGET', record(id), 'head', 'status', 'updated', 'started', 'delivered', 'times', 'outcome',
    'kind', 'deadline', 'retention')
  local status, kind, deadline, retention = read[2], read[8], tonumber(read[9] or 0), tonumber(read[10] or 0)
  if not status then return nil end
  local answer = { read[1], status, read[3], read[4], read[5], read[6], read[7] }
  if status ~= 'p' and status ~= 'r' then
    if now > tonumber(read[3]) + retention then return nil end
    return answer, kind, retention
  end
  if now <= deadline then return answer, kind, retention end
  time_out(id, deadline, retention)
  leave(kind, id)
  note(kind)
  if now > deadline + retention then return nil end
  answer[2], answer[3] = 't', whole(deadline)
  return answer, kind, retention
end
