import Foundation
import GRDB
import MotetDecisions

/// The tables of a ledger in SQLite.
///
/// One process has it open at a time: SQLite's lock on the file goes with the process, however it ends.
struct LedgerDatabase {
    private static let version = 1

    private let queue: DatabaseQueue
    private let folder: String

    /// A campaign's day as it is written.
    struct Account {
        var budget: Money
        var spent: Money
        var share: Double
    }

    /// Opens or makes the ledger of a folder.
    ///
    /// - Parameters:
    ///   - folder: the folder; made where there is none.
    ///   - durability: what is written survives.
    /// - Throws: ``LedgerError`` when it is open elsewhere or no such file.
    init(folder: String, durability: LedgerDurability) throws(LedgerError) {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            var configuration = Configuration()
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(1)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                // Users that are forgotten are overwritten too.
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            queue = try DatabaseQueue(path: folder + "/ads.sqlite", configuration: configuration)
            // After the opening: GRDB sets NORMAL when it turns the write-ahead log on.
            let level = durability == .power ? 2 : 1
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = \(level)")
            }
            try queue.write { database in try Self.prepare(database, folder) }
        } catch {
            throw Self.failure("cannot be opened", folder, error)
        }
    }

    private static func prepare(_ database: Database, _ folder: String) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if version == Self.version { return }
        guard version == 0 else {
            throw LedgerError(
                .ledger,
                "ledger \"\(folder)\": written by another version of Motet; expected the layout "
                    + "\(Self.version); received \(version). Begin a new folder, or go on with that version."
            )
        }
        try database.execute(
            sql: """
                CREATE TABLE sale (id TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
                CREATE INDEX sale_time ON sale (time);
                CREATE TABLE sold
                    (sale TEXT NOT NULL, place INTEGER NOT NULL, ad TEXT NOT NULL, campaign TEXT NOT NULL,
                     payment TEXT NOT NULL, price INTEGER NOT NULL, score REAL NOT NULL,
                     charged INTEGER, PRIMARY KEY (sale, ad)) WITHOUT ROWID;
                CREATE TABLE account
                    (campaign TEXT NOT NULL, day INTEGER NOT NULL, budget INTEGER NOT NULL,
                     spent INTEGER NOT NULL, share REAL NOT NULL, PRIMARY KEY (campaign, day)) WITHOUT ROWID;
                CREATE INDEX account_day ON account (day);
                CREATE TABLE exposure (user TEXT NOT NULL, campaign TEXT NOT NULL, end INTEGER NOT NULL);
                CREATE INDEX exposure_user ON exposure (user);
                CREATE INDEX exposure_end ON exposure (end);
                PRAGMA user_version = \(Self.version)
                """
        )
    }

    /// Does several writes in one transaction.
    func write<Result>(
        _ body: @Sendable (Transaction) throws -> Result
    ) throws(LedgerError) -> Result where Result: Sendable {
        do {
            return try queue.write { try body(Transaction(database: $0)) }
        } catch {
            throw Self.failure("cannot be written", folder, error)
        }
    }

    /// The accounts of a day, by campaign.
    func accounts(day: Int64) throws(LedgerError) -> [String: Account] {
        do {
            return try queue.read { database in
                var accounts: [String: Account] = [:]
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT campaign, budget, spent, share FROM account WHERE day = ?",
                    arguments: [day]
                )
                while let row = try rows.next() {
                    accounts[row["campaign"]] = Account(
                        budget: Money(micros: row["budget"]),
                        spent: Money(micros: row["spent"]),
                        share: row["share"]
                    )
                }
                return accounts
            }
        } catch {
            throw Self.failure("cannot be read", folder, error)
        }
    }

    /// The shares of bids campaigns ended the last of their days with.
    ///
    /// - Parameter day: days before it are looked at.
    /// - Returns: the share of each campaign that had such a day.
    /// - Throws: ``LedgerError`` when the file cannot be read.
    func lastShares(before day: Int64) throws(LedgerError) -> [String: Double] {
        do {
            return try queue.read { database in
                // With one `max` SQLite takes the other columns from its row.
                let rows = try Row.fetchCursor(
                    database,
                    sql:
                        "SELECT campaign, share, max(day) FROM account WHERE day < ? GROUP BY campaign",
                    arguments: [day]
                )
                var shares: [String: Double] = [:]
                while let row = try rows.next() { shares[row["campaign"]] = row["share"] }
                return shares
            }
        } catch {
            throw Self.failure("cannot be read", folder, error)
        }
    }

    /// The showings that still count for caps: when each counts no more, by user and campaign.
    func exposures(at time: Int64) throws(LedgerError) -> [String: [String: [Int64]]] {
        do {
            return try queue.read { database in
                var exposures: [String: [String: [Int64]]] = [:]
                let rows = try Row.fetchCursor(
                    database,
                    sql: "SELECT user, campaign, end FROM exposure WHERE end > ? ORDER BY end",
                    arguments: [time]
                )
                while let row = try rows.next() {
                    exposures[row["user"], default: [:]][row["campaign"], default: []]
                        .append(row["end"])
                }
                return exposures
            }
        } catch {
            throw Self.failure("cannot be read", folder, error)
        }
    }

    /// Brings everything into the main file, and empties the write-ahead log.
    func checkpoint() throws(LedgerError) {
        do {
            _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch {
            throw Self.failure("cannot be written", folder, error)
        }
    }

    /// Closes the file.
    func close() throws(LedgerError) {
        do { try queue.close() } catch { throw Self.failure("cannot be closed", folder, error) }
    }

    private static func failure(
        _ what: String,
        _ folder: String,
        _ error: any Error
    ) -> LedgerError {
        if let error = error as? LedgerError { return error }
        let start =
            "ledger \"\(folder)\": \(what); expected files that can be read and written; received "
        guard let error = error as? DatabaseError else {
            return LedgerError(.ledger, start + "\"\(error.localizedDescription)\".")
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
        return LedgerError(
            .ledger,
            start + "\"\(error.message ?? "\(error.resultCode)")\"." + advice
        )
    }
}
