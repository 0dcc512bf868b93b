-- LimitStore.take: takes up to `wanted` from a bucket, as `Limit.take` of the domain does.
-- KEYS     1 the bucket: when it is full, in epoch µs
-- ARGV     1 now (epoch µs), 2 cost of one (µs), 3 most, 4 wanted
-- Answers  {granted, full}; the second as text: it has more digits than a reply's integer is sure to keep

local now, cost, most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or ARGV[1]), now)
local left = math.floor((now + cost * most - full) / cost)
local granted = math.max(0, math.min(wanted, left))
full = full + granted * cost
local text = string.format('%.0f', full)
if granted > 0 then
  redis.call('SET', KEYS[1], text, 'PX', string.format('%.0f', math.ceil((full - now) / 1000) + 60000))
end
return { granted, text }
