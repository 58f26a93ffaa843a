public import MotetCore

/// What keeps a ledger from being read or written.
public struct LedgerError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ErrorCode {
    /// A ledger whose files cannot be used.
    public static let ledger = ErrorCode(rawValue: "ledger")
    /// A ledger that has too much to write.
    public static let ledgerFull = ErrorCode(rawValue: "ledger_full")
}
