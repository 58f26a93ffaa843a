import Foundation
import GRDB
import MotetFeatures

/// A snapshot of a store's state in a SQLite file of its own, written once and never changed.
enum SnapshotDatabase {
    private static let pieceBytes = 1 << 26

    /// Writes a snapshot and brings it to the disk.
    static func write(_ snapshot: StateSnapshot, to folder: String, name: String) throws {
        let path = folder + "/" + name
        try? FileManager.default.removeItem(atPath: path)
        do {
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                // Nobody reads the file before it is whole, so there is nothing to roll back to.
                try database.execute(sql: "PRAGMA journal_mode = OFF")
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE head (content BLOB NOT NULL);
                        CREATE TABLE partition
                            (dimension TEXT NOT NULL, value TEXT NOT NULL, keys BLOB NOT NULL)
                        """
                )
                // In pieces, for SQLite holds no value of more than 10^9 bytes.
                let head = snapshot.head()
                for start in stride(from: 0, to: head.count, by: pieceBytes) {
                    try database.execute(
                        sql: "INSERT INTO head (content) VALUES (?)",
                        arguments: [Data(head[start..<min(start + pieceBytes, head.count)])]
                    )
                }
                let statement = try database.cachedStatement(
                    sql: "INSERT INTO partition (dimension, value, keys) VALUES (?, ?, ?)"
                )
                try snapshot.forEachPartition { dimension, value, keys in
                    try statement.execute(arguments: [dimension, value, Data(keys)])
                }
            }
            try queue.close()
            try synchronize(folder)
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw EventDatabase.failure("cannot write a snapshot", folder, error)
        }
    }

    /// Brings the names in a folder to the disk.
    private static func synchronize(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw POSIXError(.EIO) }
    }

    /// Reads a snapshot; and the features whose statistics it does not have.
    static func read(
        _ folder: String,
        name: String,
        _ definitions: FeatureDefinitions
    ) throws -> (features: KeptFeatures, empty: [String]) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: folder + "/" + name, configuration: configuration)
            return try queue.read { database in
                var head: [UInt8] = []
                let pieces = try Data.fetchCursor(
                    database,
                    sql: "SELECT content FROM head ORDER BY rowid"
                )
                while let piece = try pieces.next() { head += piece }
                guard !head.isEmpty else { throw FeatureError.damaged("the snapshot") }
                var restoration = try StateRestoration(definitions, head: head)
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT dimension, value, keys FROM partition"
                )
                while let row = try rows.next() {
                    let dimension: String = row["dimension"]
                    let value: String = row["value"]
                    let keys: Data = row["keys"]
                    try restoration.add(dimension: dimension, value: value, keys: [UInt8](keys))
                }
                let empty = restoration.emptyFeatures
                return (restoration.finish(), empty)
            }
        } catch {
            throw EventDatabase.failure("has a snapshot that cannot be read", folder, error)
        }
    }
}
