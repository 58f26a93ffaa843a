/// What a Redis says of itself, as far as it matters to a store.
struct RedisServerFacts {
    /// Whether every write is on the disk before it is answered; nil where it does not tell.
    let keepsEveryWrite: Bool?

    /// Asks.
    ///
    /// - Throws: ``RedisFailure`` where it is too old, is part of a cluster, or may throw keys away.
    init(_ connection: RedisConnection) throws(RedisFailure) {
        let reply = try connection.call([
            RedisCommand("INFO"), RedisCommand("CONFIG", "GET", "appendfsync"),
        ])
        // Who may not ask is not told; what matters fails later with a sentence of Redis.
        let facts = Self.facts(reply[0].string ?? "")
        if let version = facts["redis_version"], !Self.isNewEnough(version) {
            throw .refused("Redis \(version) is too old; the store needs 6.2 or later")
        }
        if facts["cluster_enabled"] == "1" {
            throw .refused("it is part of a Redis Cluster; the store needs all keys in one place")
        }
        let policy = facts["maxmemory_policy"] ?? ""
        if policy.hasPrefix("allkeys"), facts["maxmemory"] != "0" {
            throw .refused(
                "it drops keys when its memory is full (maxmemory-policy \(policy)); set noeviction"
            )
        }
        let synchronization = reply[1].elements.last?.string
        switch (facts["aof_enabled"], synchronization) {
        case ("0", _): keepsEveryWrite = false
        case ("1", let value?): keepsEveryWrite = value == "always"
        default: keepsEveryWrite = nil
        }
    }

    /// The lines `name:value`.
    static func facts(_ text: String) -> [String: String] {
        var facts: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            facts[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return facts
    }

    /// Whether a version has what the scripts and readings use.
    static func isNewEnough(_ version: String) -> Bool {
        let parts = version.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
        guard let major = parts.first else { return false }
        return major > 6 || major == 6 && parts.count > 1 && parts[1] >= 2
    }
}
