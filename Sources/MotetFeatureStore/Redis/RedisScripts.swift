/// What Redis does as a whole, written in its Lua.
enum RedisScript: CaseIterable {
    /// Makes a layout the one that is written from now on, or tells which other one is.
    case prepare
    /// Writes what events made of some parts, if nothing that mattered has changed since they were read.
    case apply
    /// Removes a part, and tells all servers that something was removed.
    case forget

    var text: String {
        switch self {
        case .prepare: Self.prepareText
        case .apply: Self.applyText
        case .forget: Self.forgetText
        }
    }

    /// Settles which layout is written.
    ///
    /// Keys: about, layouts. Arguments: the layout's fingerprint, the layout, whether it may take over.
    private static let prepareText = """
        local current = redis.call('HGET', KEYS[1], 'layout')
        if current and current ~= ARGV[1] and ARGV[3] ~= 'take over' then return current end
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        redis.call('HSET', KEYS[1], 'layout', ARGV[1])
        return current or ''
        """

    /// Checks and writes.
    ///
    /// Keys: lease, about, ids, then the parts. Arguments: who writes; how long the lease is, in milliseconds;
    /// the layout's fingerprint; the lateness and the length of a tile; the ids, 16 bytes each; the times, 8
    /// bytes each; a letter for what the writer thinks becomes of each; the versions of the parts as they were
    /// read, 8 bytes each, zeros for none; then the parts. A part begins with its new version.
    ///
    /// The outcomes are worked out as `EventWindow` does. Who meets a conflict gets the lease: until it has
    /// written, or time is up, nobody else writes, so that its next try goes through.
    private static let applyText = """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then return 'busy' end
        local about = redis.call('HMGET', KEYS[2], 'layout', 'newest', 'floor')
        if about[1] ~= ARGV[3] then return 'layout' end
        local function conflict()
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return 'conflict'
        end
        local none = string.rep('\\0', 8)
        for part = 4, #KEYS do
            local version = redis.call('GETRANGE', KEYS[part], 0, 7)
            if version == '' then version = none end
            local place = 8 * (part - 4)
            if version ~= string.sub(ARGV[9], place + 1, place + 8) then return conflict() end
        end
        local lateness, hop = tonumber(ARGV[4]), tonumber(ARGV[5])
        local newest = about[2] and tonumber(about[2]) or nil
        local floor = about[3] and tonumber(about[3]) or 0
        local taken, added = {}, {}
        for event = 1, #ARGV[8] do
            local id = string.sub(ARGV[6], 16 * event - 15, 16 * event)
            local time = struct.unpack('>i8', ARGV[7], 8 * event - 7)
            local outcome = 'a'
            if time < floor or (newest and time <= newest - lateness) then
                outcome = 'l'
            else
                local known = taken[id]
                if not known then
                    local score = redis.call('ZSCORE', KEYS[3], id)
                    known = score and tonumber(score)
                end
                if known and known >= floor then
                    outcome = 'd'
                else
                    taken[id] = time
                    added[#added + 1] = string.format('%.0f', time)
                    added[#added + 1] = id
                    if not newest or time > newest then
                        local moved = not newest
                            or newest - newest % hop ~= time - time % hop
                        newest = time
                        local start = time - lateness + 1
                        if moved and start > 0 and start - start % hop > floor then
                            floor = start - start % hop
                        end
                    end
                end
            end
            if outcome ~= string.sub(ARGV[8], event, event) then return conflict() end
        end
        for first = 1, #added, 1000 do
            redis.call('ZADD', KEYS[3], unpack(added, first, math.min(first + 999, #added)))
        end
        if newest then
            redis.call('HSET', KEYS[2], 'newest', string.format('%.0f', newest))
            redis.call('HSET', KEYS[2], 'floor', string.format('%.0f', floor))
        end
        for part = 4, #KEYS do redis.call('SET', KEYS[part], ARGV[part + 6]) end
        local stale = redis.call('ZCOUNT', KEYS[3], '-inf', string.format('(%.0f', floor))
        if stale > 0 then
            redis.call('ZREMRANGEBYRANK', KEYS[3], 0, math.min(stale, #added + 1000) - 1)
        end
        if holder then redis.call('DEL', KEYS[1]) end
        return 'done'
        """

    /// Keys: the part, the count of what was removed.
    private static let forgetText = """
        local there = redis.call('DEL', KEYS[1])
        return { there, redis.call('INCR', KEYS[2]) }
        """
}

/// The names of keys in Redis.
struct RedisKeys: Sendable {
    let prefix: String

    /// Who writes next, where two met.
    var lease: String { prefix + ":writer" }
    /// The layout that is written, the newest event and the floor.
    var about: String { prefix + ":about" }
    /// All layouts there were, by their fingerprints.
    var layouts: String { prefix + ":layouts" }
    /// The ids of events with their times.
    var ids: String { prefix + ":ids" }
    /// How often something was forgotten.
    var forgets: String { prefix + ":forgets" }
    /// A part of the state.
    func part(_ dimension: String, _ value: String) -> String {
        prefix + ":" + dimension + ":" + value
    }
}
