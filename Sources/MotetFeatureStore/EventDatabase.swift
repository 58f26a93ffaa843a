import Foundation
import GRDB
import MotetCore
import MotetFeatures

/// The log of a store in SQLite: entries that count, and the name of the snapshot they go on from.
///
/// One process has it open at a time: SQLite's lock on the file goes with the process, however it ends.
struct EventDatabase {
    /// The layout of the tables.
    private static let version = 2
    /// The tables by name, and what makes them.
    private static let tables = [
        (
            name: "log",
            sql: """
            CREATE TABLE log
                (sequence INTEGER PRIMARY KEY, content BLOB NOT NULL, digest INTEGER NOT NULL)
            """
        ),
        (
            name: "snapshot",
            sql: """
            CREATE TABLE snapshot
                (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL,
                 sequence INTEGER NOT NULL)
            """
        ),
    ]

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
            try queue.write { database in try Self.prepare(database, folder) }
        } catch {
            throw Self.failure("cannot be opened", folder, error)
        }
    }

    /// Makes the tables, or checks those that are there.
    private static func prepare(_ database: Database, _ folder: String) throws {
        let place = StoreFolder(path: folder)
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if try database.tableExists("log") {
            guard version == Self.version else {
                throw FeatureError(
                    .featureStore,
                    "feature store \"\(folder)\": written by another version of Motet; expected the layout "
                        + "\(Self.version); received \(version). Begin a new folder, or go on with that version."
                )
            }
            let report = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? ""
            guard report == "ok" else { throw place.damaged("log.sqlite", "\"\(report)\"") }
            try checkTables(database, place)
            return
        }
        guard version == 0 else { throw place.damaged("log.sqlite", "no table `log`") }
        for table in tables { try database.execute(sql: table.sql) }
        try database.execute(sql: "PRAGMA user_version = \(Self.version)")
    }

    /// Checks that the tables are made as they were: by a changed text SQLite reads other columns, where there are still some to
    /// read, and its own check finds nothing.
    private static func checkTables(
        _ database: Database,
        _ place: StoreFolder
    ) throws {
        func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
        )
        let isWhole =
            rows.count == tables.count
            && zip(rows, tables).allSatisfy { row, table in
                String.fromDatabaseValue(row["type"]) == "table"
                    && String.fromDatabaseValue(row["name"]) == table.name
                    && String.fromDatabaseValue(row["tbl_name"]) == table.name
                    && String.fromDatabaseValue(row["sql"]).map(words) == words(table.sql)
            }
        guard isWhole else { throw place.damaged("log.sqlite", "other tables") }
    }

    /// Adds entries, all or none.
    func append(_ entries: [(sequence: Int64, content: [UInt8])]) throws(FeatureError) {
        do {
            try queue.write { database in
                let statement = try database.cachedStatement(
                    sql: "INSERT INTO log (sequence, content, digest) VALUES (?, ?, ?)"
                )
                for entry in entries {
                    try statement.execute(
                        arguments: [
                            entry.sequence, Data(entry.content),
                            StoredDigest.entry(entry.sequence, entry.content),
                        ]
                    )
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

    /// Calls a function with every entry after a number, in their order: none is missing, and none is another than
    /// was written.
    func forEachEntry(after first: Int64, _ body: (Int64, StoreEntry) -> Void) throws(FeatureError)
    {
        let place = StoreFolder(path: folder)
        do {
            try queue.read { database in
                let rows = try Row.fetchCursor(
                    database,
                    sql:
                        "SELECT sequence, content, digest FROM log WHERE sequence > ? ORDER BY sequence",
                    arguments: [first]
                )
                var last = first
                while let row = try rows.next() {
                    guard let sequence = Int64.fromDatabaseValue(row["sequence"]),
                        let content = Data.fromDatabaseValue(row["content"]),
                        let digest = Int64.fromDatabaseValue(row["digest"])
                    else { throw place.damaged("log.sqlite", "an entry of other types") }
                    guard sequence == last + 1 else {
                        throw place.damaged(
                            "log.sqlite",
                            "entry \(sequence) after entry \(last)"
                        )
                    }
                    let bytes = [UInt8](content)
                    guard StoredDigest.entry(sequence, bytes) == digest,
                        let entry = try? StoreEntry(bytes)
                    else { throw place.damaged("log.sqlite", "another entry \(sequence)") }
                    body(sequence, entry)
                    last = sequence
                }
            }
        } catch {
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

    /// The sentence of what failed.
    static func failure(
        _ what: String,
        _ folder: String,
        expected: String = "files that can be read and written",
        _ error: any Error
    ) -> FeatureError {
        if let error = error as? FeatureError { return error }
        let start = "feature store \"\(folder)\": \(what); expected \(expected); received "
        guard let error = error as? DatabaseError else {
            let reason = StoreFolder.oneLine(error.localizedDescription)
            return FeatureError(.featureStore, start + "\"\(reason)\".")
        }
        let advice =
            switch error.resultCode {
            case .SQLITE_FULL: " Free some space."
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                " It is damaged: take the folder from a backup, or begin a new one."
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                " Another process has it open; stop that, or name another folder."
            default: ""
            }
        // SQLite tells a text of the file in it, and its report of a damage in lines.
        let reason = StoreFolder.oneLine(error.message ?? "\(error.resultCode)")
        return FeatureError(.featureStore, start + "\"\(reason)\"." + advice)
    }
}
