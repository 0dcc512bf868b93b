-- What every script begins with: the keys of one runtime, and what happens to a request with time.
--
-- KEYS[1]  `<prefix>{<runtime>}:requests`: sorted set, kind → the moment after which something of it may be claimed. The
--          one key that a probe reads. All other keys begin with it, so they are in the same slot:
--   :id:<id>           hash, the record: `head` (what never changes, as JSON), `kind`, `status` (p, r, c, f, t), `seq`,
--                      `deadline` (of p and r), `running`, `retention`, `most` (deliveries), `delay` (of redelivery),
--                      `updated`; once delivered `started`, `delivered`, `times`; once reported `outcome`
--   :<kind>:limits     sorted set, id → deadline: all unfinished ones
--   :<kind>:pending    sorted set, id → seq: those never delivered
--   :<kind>:due        sorted set, id → the moment after which a delivered one may be delivered again
--   :<kind>:again      sorted set, id → seq: those for which that moment passed
--   :seq               the number of the latest request: what came first, also within one millisecond
-- ARGV[1]  the caller's time, epoch ms: it decides everything. Redis's own clock only removes what nobody asks for, by
--          relative times with `slack` (ms) on top, since the callers' clocks may differ a little.
--
-- A record may be lost (evicted) while its id stays in a queue: an id without a record is dropped where it is met.

local requests = KEYS[1]
local now = tonumber(ARGV[1])
local slack = 60000

local function record(id) return requests .. ':id:' .. id end
local function lane(kind, part) return requests .. ':' .. kind .. ':' .. part end
local function whole(ms) return string.format('%.0f', ms) end

-- The key lives for at least so many ms from now; it is one that is often there already, so it gets some more at a time.
local function keep(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, whole(ms + slack)) end
end

-- The same for a key that was often made just now. The flags are of Redis 7.
local function keep_new(key, ms)
  if redis.call('PEXPIRE', key, whole(ms), 'NX') == 0 then redis.call('PEXPIRE', key, whole(ms), 'GT') end
end

-- A record as the client reads it; see Record.ts.
local function fields(id)
  return redis.call('HMGET', record(id), 'head', 'status', 'updated', 'started', 'delivered', 'times', 'outcome')
end

-- Takes an id out of the queues: of all, or of those where it may be in this status.
local queues = { p = { 'limits', 'pending' }, r = { 'limits', 'due', 'again' } }
local all = { 'limits', 'pending', 'due', 'again' }
local function leave(kind, id, status)
  for _, part in ipairs(queues[status] or all) do redis.call('ZREM', lane(kind, part), id) end
end

-- Notes for the probe when something of this kind may be claimed.
local function note(kind)
  local at
  if redis.call('EXISTS', lane(kind, 'pending'), lane(kind, 'again')) > 0 then
    at = '-inf'
  else
    at = redis.call('ZRANGE', lane(kind, 'due'), 0, 0, 'WITHSCORES')[2]
  end
  if at then
    redis.call('ZADD', requests, at, kind)
    keep(requests, math.max(slack, redis.call('PTTL', lane(kind, 'limits'))))
  else
    redis.call('ZREM', requests, kind)
  end
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
    local over = redis.call('ZRANGEBYSCORE', limits, '-inf', '(' .. ARGV[1], 'LIMIT', 0, 200)
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
