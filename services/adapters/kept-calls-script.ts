import { createHash } from 'node:crypto';

/** Each kept call has a list at `clearline:call:<id>`, whose elements are JSON arrays of entries, as they were written. */
export const listPrefix = 'clearline:call:';

/** In place of the number of elements. */
export const dropping = -1;

/**
 * For each call: its id, how many elements its list has, and one more. None: the list begins anew. `dropping`: the call is over. Where
 * Redis has another number, as after it was emptied or went back to an older dump, nothing is added: the rest would be a journal with
 * a hole. Answers with such calls; with 0, and changes nothing, where another owns the calls.
 */
export const script = `
  local held = redis.call('GET', KEYS[1])
  if held and string.match(held, '^(%d+) ') ~= ARGV[1] then return 0 end
  if redis.call('TYPE', KEYS[2]).ok ~= 'set' then redis.call('DEL', KEYS[2]) end
  local torn = {}
  for at = 3, #ARGV, 3 do
    local id, before, entries = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
    local list = '${listPrefix}' .. id
    if before < 0 then
      redis.call('DEL', list)
      redis.call('SREM', KEYS[2], id)
    elseif before > 0 and redis.call('LLEN', list) ~= before then
      torn[#torn + 1] = id
    else
      if before == 0 then redis.call('DEL', list) end
      redis.call('SADD', KEYS[2], id)
      redis.call('RPUSH', list, entries)
      redis.call('EXPIRE', list, ARGV[2])
    end
  end
  redis.call('EXPIRE', KEYS[2], ARGV[2])
  return torn
`;
export const scriptId = createHash('sha1').update(script).digest('hex');
