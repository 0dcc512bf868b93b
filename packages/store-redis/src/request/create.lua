-- RequestStore.create: admits one request of a kind, or says what stands in its way.
-- ARGV     2 id, 3 kind, 4 head, 5 admission (coalesce, exclusive or many), 6 how many may wait (of many),
--          7 pending limit, 8 running limit, 9 retention, 10 deliveries, 11 redelivery delay (ms)
-- Reads    the kind's limits and queue, and the record that is there already
-- Writes   records of this kind whose limit passed; the record, limits, queue, requests, seq
-- Answers  {'made'}: the caller has the record; {'coalesce', the unfinished record}, {'exclusive', the unfinished record} or {'full'}

local id, kind, admission = ARGV[2], ARGV[3], ARGV[5]
local pending, running, retention = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- The oldest unfinished one that is really there, once those whose limit passed are gone.
local function standing()
  while true do
    local first = redis.call('ZRANGE', lane(kind, 'limits'), '0', '0', 'WITHSCORES')
    if not first[1] then return end
    if tonumber(first[2]) < now then
      sweep(kind)
    elseif redis.call('EXISTS', record(first[1])) == 1 then
      return first[1]
    else
      leave(kind, first[1])
    end
  end
end

-- Those never delivered; what may be delivered again is claimable as well, but waits no more.
local function waiting()
  local count = 0
  for _, id in ipairs(redis.call('ZRANGE', lane(kind, 'queue'), '-inf', '(0', 'BYSCORE')) do
    local read = redis.call('HMGET', record(id), 'status', 'deadline', 'retention')
    if not read[1] then
      leave(kind, id)
    elseif now > tonumber(read[2]) then
      -- Its place among the limits was lost.
      time_out(id, tonumber(read[2]), tonumber(read[3]))
      leave(kind, id)
    elseif read[1] == 'p' then
      count = count + 1
    end
  end
  return count
end

local function is_full()
  sweep(kind)
  local most = tonumber(ARGV[6])
  return redis.call('ZCOUNT', lane(kind, 'queue'), '-inf', '(0') >= most and waiting() >= most
end

if admission == 'many' then
  if is_full() then
    note(kind)
    return { 'full' }
  end
else
  local first = standing()
  if first then
    -- With no memory left it fails, and whoever asks for what is under way joins it all the same.
    pcall(note, kind)
    return { admission, redis.call('HMGET', record(first), 'head', 'status', 'updated', 'started', 'delivered', 'times',
      'outcome') }
  end
end

local seq = redis.call('DECR', requests .. ':seq')
local is_fresh = seq == -1
if is_fresh then
  -- The first, or the number was lost (evicted) while others wait: it comes after them.
  local last = redis.call('ZRANGE', lane(kind, 'queue'), '0', '0', 'WITHSCORES')[2]
  if last and tonumber(last) < 0 then
    seq = tonumber(last) - 1
    redis.call('SET', requests .. ':seq', whole(seq))
  end
end
local number, deadline = whole(seq), whole(now + pending)
local unfinished = whole(pending + running + slack)
redis.call('HSET', record(id), 'head', ARGV[4], 'kind', kind, 'status', 'p', 'seq', number, 'deadline', deadline,
  'running', ARGV[8], 'retention', ARGV[9], 'most', ARGV[10], 'delay', ARGV[11], 'updated', ARGV[1])
redis.call('PEXPIRE', record(id), whole(pending + running + retention + slack))
put(lane(kind, 'limits'), id, deadline, unfinished)
put(lane(kind, 'queue'), id, number, unfinished)
put(requests, kind, '-inf', unfinished)
redis.call('PEXPIRE', requests .. ':seq', unfinished, is_fresh and 'NX' or 'GT')
return { 'made' }
