import Foundation
import GRDB
import MotetFeatures

/// A snapshot of a store's state in a SQLite file of its own, written once and never changed.
enum SnapshotDatabase {
    /// Writes a snapshot and brings it to the disk.
    ///
    /// - Parameters:
    ///   - snapshot: the snapshot.
    ///   - folder: the store's folder.
    ///   - name: the name of the file.
    ///   - pieceBytes: the most bytes of one value of the file.
    /// - Throws: ``FeatureError`` where it cannot be written; nothing is left then.
    static func write(
        _ snapshot: StateSnapshot,
        to folder: String,
        name: String,
        pieceBytes: Int = 1 << 26
    ) throws {
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
                            (dimension TEXT NOT NULL, value TEXT NOT NULL, keys BLOB NOT NULL);
                        CREATE TABLE digest (value INTEGER NOT NULL)
                        """
                )
                var digest = StoredDigest()
                // In pieces, for SQLite holds no value of more than 10^9 bytes.
                let head = snapshot.head()
                for start in stride(from: 0, to: head.count, by: pieceBytes) {
                    let piece = Array(head[start..<min(start + pieceBytes, head.count)])
                    digest.add(piece)
                    try database.execute(
                        sql: "INSERT INTO head (content) VALUES (?)",
                        arguments: [Data(piece)]
                    )
                }
                let statement = try database.cachedStatement(
                    sql: "INSERT INTO partition (dimension, value, keys) VALUES (?, ?, ?)"
                )
                try snapshot.forEachPartition { dimension, value, keys in
                    digest.add(Array(dimension.utf8))
                    digest.add(Array(value.utf8))
                    digest.add(keys)
                    try statement.execute(arguments: [dimension, value, Data(keys)])
                }
                try database.execute(
                    sql: "INSERT INTO digest (value) VALUES (?)",
                    arguments: [digest.value]
                )
            }
            try queue.close()
            try StoreFolder(path: folder).synchronize()
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw EventDatabase.failure("cannot write a snapshot", folder, error)
        }
    }

    /// Reads a snapshot; and the features whose statistics it does not have.
    ///
    /// - Throws: ``FeatureError`` where it is missing, cut off or not what was written.
    static func read(
        _ folder: String,
        name: String,
        _ definitions: FeatureDefinitions
    ) throws(FeatureError) -> (features: KeptFeatures, empty: [String]) {
        let place = StoreFolder(path: folder)
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: folder + "/" + name, configuration: configuration)
            return try queue.read { database in
                var digest = StoredDigest()
                let head = try head(database, &digest)
                guard !head.isEmpty else { throw place.damaged(name, "nothing") }
                guard var restoration = try? StateRestoration(definitions, head: head) else {
                    throw place.damaged(name, "another head")
                }
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT dimension, value, keys FROM partition ORDER BY rowid"
                )
                while let row = try rows.next() {
                    guard let dimension = String.fromDatabaseValue(row["dimension"]),
                        let value = String.fromDatabaseValue(row["value"]),
                        let data = Data.fromDatabaseValue(row["keys"])
                    else { throw place.damaged(name, "a row of other types") }
                    let keys = [UInt8](data)
                    digest.add(Array(dimension.utf8))
                    digest.add(Array(value.utf8))
                    digest.add(keys)
                    do { try restoration.add(dimension: dimension, value: value, keys: keys) } catch
                    {
                        throw place.damaged(name, "another row")
                    }
                }
                guard try Int64.fetchOne(database, sql: "SELECT value FROM digest") == digest.value
                else { throw place.damaged(name, "something else") }
                let empty = restoration.emptyFeatures
                return (restoration.finish(), empty)
            }
        } catch {
            throw EventDatabase.failure(
                "has a snapshot that cannot be read",
                folder,
                expected: "\(name) as this store wrote it",
                error
            )
        }
    }

    private static func head(_ database: Database, _ digest: inout StoredDigest) throws -> [UInt8] {
        var head: [UInt8] = []
        let pieces = try Data.fetchCursor(database, sql: "SELECT content FROM head ORDER BY rowid")
        while let piece = try pieces.next() {
            digest.add([UInt8](piece))
            head += piece
        }
        return head
    }
}
