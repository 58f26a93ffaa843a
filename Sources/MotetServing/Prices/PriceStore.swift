import Foundation
import HTTPTypes
import MotetDecisions
import MotetLedger
import Synchronization

/// The prices of a server: those of the period in memory, and all in the journal.
final class PriceStore: Sendable {
    /// The settings.
    let settings: ServingSettings.Price
    /// What the table of items says; nil without one.
    let items: PriceItems?
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64
    /// The curves of the stocks of items.
    let curves = SalesCurves()
    private let book: Mutex<PriceBook>
    private let journal: LineJournal?

    /// Opens the journal, and reads what is needed of it.
    ///
    /// - Parameters:
    ///   - settings: how prices are chosen.
    ///   - items: the shop's table of items; nil without one.
    ///   - now: the server's clock.
    /// - Throws: `LedgerError` where the journal cannot be used, `ServingError` and `TableError` for the table of items.
    init(
        _ settings: ServingSettings.Price,
        items: ServingSettings.ItemFiles?,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.settings = settings
        self.now = now
        if items == nil, let column = settings.columns.named.first {
            throw PriceItems.unusable(
                "there is no table that has the column \"\(column)\"; expected `items` beside `price.columns`; received none."
            )
        }
        self.items = try items.map { try PriceItems($0, settings) }
        var book = PriceBook(settings.book)
        let time = now()
        journal = try settings.folder.map { folder in
            let reach = max(settings.book.periodLength, settings.book.changes?.window ?? 0)
            return try LineJournal(
                folder: folder,
                name: "prices",
                options: settings.journal,
                since: time - reach,
                at: time,
                timeOf: { PriceLine.chosen($0)?.time },
                read: { line in
                    guard let chosen = PriceLine.chosen(line) else { return }
                    book.restore(chosen)
                }
            )
        }
        self.book = Mutex(book)
    }

    /// Ends the use of the journal.
    func close() async { await journal?.close() }

    /// Uses the book; nobody else does meanwhile.
    func withBook<Result: Sendable>(
        _ body: (inout PriceBook) throws -> Result
    ) rethrows -> Result {
        try book.withLock { try body(&$0) }
    }

    /// How many items have a price that is remembered.
    var count: Int { book.withLock { $0.count } }

    /// Begins to write prices to the journal, so that the answer can be written meanwhile.
    ///
    /// - Parameters:
    ///   - chosen: those that are not kept yet, by whoever they were chosen.
    ///   - time: now, in milliseconds since 1970.
    /// - Returns: what `keep` waits for; nil where there is nothing to write, or no journal.
    func begin(_ chosen: [ChosenPrice], at time: Int64) -> Result<LineAppending, LedgerError>? {
        guard let journal, !chosen.isEmpty else { return nil }
        var lines = PriceLines(currency: settings.currency)
        let bytes = chosen.map { lines.bytes($0) }
        return Result { () throws(LedgerError) in try journal.begin(bytes, at: time) }
    }

    /// Keeps prices that were chosen; when it returns, they are what everybody is told.
    ///
    /// - Parameters:
    ///   - chosen: those that are not kept yet, by whoever they were chosen.
    ///   - appending: their lines, as `begin` gives them.
    /// - Throws: `LedgerError` where they cannot be kept: those of this call are taken back then.
    func keep(
        _ chosen: [ChosenPrice],
        _ appending: Result<LineAppending, LedgerError>?
    ) async throws {
        guard !chosen.isEmpty else { return }
        if let appending {
            do { try await appending.get().wait() } catch {
                book.withLock { book in for price in chosen { book.takeBack(price) } }
                throw error
            }
        }
        let isKept = book.withLock { book in
            chosen.reduce(true) { all, price in
                let isKept = book.keep(price)
                return isKept && all
            }
        }
        guard isKept else {
            throw RequestError(
                .serviceUnavailable,
                "prices_changed",
                message:
                    "server: another price was chosen while this one was written; expected one at a time. Send it again.",
                retryAfterSeconds: 1
            )
        }
    }
}
