import Foundation
import GRDB
import MotetCore
import MotetFeatures

/// The log of a store in SQLite: entries that count, and the name of the snapshot they go on from.
///
/// One process has it open at a time: SQLite's lock on the file goes with the process, however it ends.
struct EventDatabase {
    private let queue: DatabaseQueue
    private let folder: String

    /// Opens or makes the log of a folder.
    ///
    /// - Parameters:
    ///   - folder: the store's folder, which is there.
    ///   - durability: what an entry survives once it is committed.
    /// - Throws: ``FeatureError`` when it is open elsewhere or no such file.
    init(folder: String, durability: StoreDurability) throws {
        self.folder = folder
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            // What was deleted, such as a user's events, is overwritten too.
            try database.execute(sql: "PRAGMA secure_delete = ON")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        do {
            queue = try DatabaseQueue(path: folder + "/log.sqlite", configuration: configuration)
            // After the opening: GRDB sets NORMAL when it turns the write-ahead log on.
            let level = durability == .power ? 2 : 1
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = \(level)")
                guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == level else {
                    throw DatabaseError(message: "commits do not wait for the disk as asked")
                }
            }
            try queue.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS log
                            (sequence INTEGER PRIMARY KEY, content BLOB NOT NULL);
                        CREATE TABLE IF NOT EXISTS snapshot
                            (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL,
                             sequence INTEGER NOT NULL)
                        """
                )
            }
        } catch {
            throw Self.failure("cannot be opened", folder, error)
        }
    }

    /// Adds entries, all or none.
    func append(_ entries: [(sequence: Int64, content: [UInt8])]) throws(FeatureError) {
        do {
            try queue.write { database in
                let statement = try database.cachedStatement(
                    sql: "INSERT INTO log (sequence, content) VALUES (?, ?)"
                )
                for entry in entries {
                    try statement.execute(arguments: [entry.sequence, Data(entry.content)])
                }
            }
        } catch {
            throw Self.failure("cannot be written", folder, error)
        }
    }

    /// The snapshot the log goes on from; nil where it begins with nothing.
    func snapshot() throws(FeatureError) -> (name: String, sequence: Int64)? {
        do {
            return try queue.read { database in
                try Row.fetchOne(database, sql: "SELECT name, sequence FROM snapshot").map { row in
                    let name: String = row["name"]
                    let sequence: Int64 = row["sequence"]
                    return (name, sequence)
                }
            }
        } catch {
            throw Self.failure("cannot be read", folder, error)
        }
    }

    /// Makes the log go on from a snapshot: entries up to a number do not count from now on.
    func goOn(from name: String, after sequence: Int64) throws(FeatureError) {
        do {
            try queue.write { database in
                try database.execute(
                    sql: "INSERT OR REPLACE INTO snapshot (one, name, sequence) VALUES (1, ?, ?)",
                    arguments: [name, sequence]
                )
            }
        } catch {
            throw Self.failure("cannot be written", folder, error)
        }
    }

    /// Removes some of the entries up to a number, the oldest first.
    ///
    /// - Parameters:
    ///   - sequence: the number.
    ///   - limit: the most entries to remove, so that nobody waits long.
    /// - Returns: whether none is left.
    /// - Throws: ``FeatureError`` when the file cannot be written.
    func trim(through sequence: Int64, limit: Int) throws(FeatureError) -> Bool {
        do {
            return try queue.write { database in
                try database.execute(
                    sql: """
                        DELETE FROM log WHERE sequence IN
                            (SELECT sequence FROM log WHERE sequence <= ? ORDER BY sequence LIMIT ?)
                        """,
                    arguments: [sequence, limit]
                )
                return database.changesCount < limit
            }
        } catch {
            throw Self.failure("cannot be written", folder, error)
        }
    }

    /// Brings everything into the main file, and empties the write-ahead log.
    func checkpoint() throws(FeatureError) {
        do {
            _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch {
            throw Self.failure("cannot be written", folder, error)
        }
    }

    /// Calls a function with every entry after a number, in their order.
    func forEachEntry(
        after sequence: Int64,
        _ body: (Int64, [UInt8]) throws -> Void
    ) throws {
        do {
            try queue.read { database in
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT sequence, content FROM log WHERE sequence > ? ORDER BY sequence",
                    arguments: [sequence]
                )
                while let row = try rows.next() {
                    let sequence: Int64 = row["sequence"]
                    let content: Data = row["content"]
                    try body(sequence, [UInt8](content))
                }
            }
        } catch let error as DatabaseError {
            throw Self.failure("cannot be read", folder, error)
        }
    }

    /// How much a commit waits for the disk: SQLite's `synchronous`, 1 for NORMAL and 2 for FULL.
    func synchronousLevel() throws -> Int? {
        try queue.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }

    /// Closes the file.
    func close() throws(FeatureError) {
        do {
            try queue.close()
        } catch {
            throw Self.failure("cannot be closed", folder, error)
        }
    }

    static func failure(_ what: String, _ folder: String, _ error: any Error) -> FeatureError {
        if let error = error as? FeatureError { return error }
        guard let error = error as? DatabaseError else {
            return FeatureError(
                .featureStore,
                "feature store \"\(folder)\": \(what); received \"\(error.localizedDescription)\"."
            )
        }
        let advice =
            switch error.resultCode {
            case .SQLITE_FULL: " Free some space."
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                " Another process has it open; stop that, or name another folder."
            default: ""
            }
        return FeatureError(
            .featureStore,
            "feature store \"\(folder)\": \(what); received \"\(error.message ?? "\(error.resultCode)")\"."
                + advice
        )
    }
}
