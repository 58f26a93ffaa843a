import Foundation
import MotetData
import MotetDecisions
import MotetExperiments
import MotetFeatureStore

/// What a server judges orders by, from its opening to its close.
final class RiskStore: Sendable {
    /// The settings.
    let settings: ServingSettings.Risk
    /// What was decided.
    let ledger: RiskLedger
    private let hash: KeyedHash

    /// Opens the folder, and makes it where there is none.
    ///
    /// - Parameter settings: where it is.
    /// - Throws: `DecisionError` where the folder cannot be used, `ServingError` where its key cannot.
    init(_ settings: ServingSettings.Risk) throws {
        self.settings = settings
        var options = RiskLedger.Options()
        options.orders = settings.orders
        options.answers = settings.answers
        options.survivesPower = settings.durability == .power
        let lookbacks = settings.kinds.compactMap { settings[$0]?.policy.lookbacks }.joined()
        // A day more than the longest window, for orders that come late and so that what is repeated is known where no rule
        // counts; and by as much as an order's clock may be ahead of those that come after it.
        options.window =
            lookbacks.reduce(0) { max($0, $1.window) } + 86_400_000
            + Int64(settings.aheadSeconds * 1000)
        ledger = try RiskLedger(folder: settings.folder, options: options)
        hash = KeyedHash(key: try Self.key(settings.folder, isNew: ledger.orders == 0))
    }

    /// The key of the hashes: of a file in the folder, so that they are the same after a restart.
    ///
    /// - Parameters:
    ///   - folder: the folder; nil for a key that ends with the process.
    ///   - isNew: whether no order was kept yet: with another key none of them would be known again.
    /// - Returns: its bytes.
    /// - Throws: `ServingError` where it is damaged, missing beside orders, or cannot be written.
    private static func key(_ folder: String?, isNew: Bool) throws -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let fresh = (0..<4).flatMap { _ in
            withUnsafeBytes(of: random.next() as UInt64) { Array($0) }
        }
        guard let folder else { return fresh }
        let file = folder + "/key"
        if let data = FileManager.default.contents(atPath: file) {
            guard data.count == fresh.count else {
                throw ServingError(
                    .riskUnusable,
                    "risk: the key in \(file) is damaged; expected \(fresh.count) bytes; received \(data.count). Take "
                        + "the folder from a backup, or begin a new one."
                )
            }
            return Array(data)
        }
        guard isNew, !FileManager.default.fileExists(atPath: file) else {
            throw ServingError(
                .riskUnusable,
                "risk: the key \(file) cannot be read; expected the one that the orders beside it were hashed with; "
                    + "received none. Take the folder from a backup, or begin a new one."
            )
        }
        // On the disk before the first order: orders without their key could not be read again.
        do { try SecretFile.write(fresh, to: file) } catch {
            throw ServingError(
                .riskUnusable,
                "risk: the key \(file) cannot be written; expected a folder with room; received \"\(error)\"."
            )
        }
        return fresh
    }

    /// Ends the use of the folder.
    func close() { ledger.close() }

    /// The identity that an order is known by.
    func identity(_ kind: ServingSettings.Risk.Kind, _ id: String) -> RiskIdentity {
        let digest = hash.hash("\(kind.rawValue)\u{0}\(id)".utf8)
        return RiskIdentity(high: Self.number(digest[0..<8]), low: Self.number(digest[8..<16]))
    }

    /// What a value of a dimension is remembered as; never 0.
    func token(_ dimension: RiskDimension, _ value: String) -> UInt64 {
        max(1, Self.number(hash.hash("=\(dimension.rawValue)\u{0}\(value)".utf8)[0..<8]))
    }

    /// What tells whether a request is the same as before.
    func fingerprint(_ bytes: [UInt8]) -> UInt64 { Self.number(hash.hash(bytes)[0..<8]) }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension ServingSettings.Risk {
    /// Checks that a run has the tasks and the columns that are named.
    ///
    /// - Throws: `ServingError` with the task or column, the key that names it, and what there is.
    func check(_ model: ServedModel) throws(ServingError) {
        let experiment = model.predictor.run.experiment
        let tasks = experiment.tasks.filter { $0.loss.isBinary }.map(\.name)
        for kind in kinds {
            guard let subject = self[kind] else { continue }
            let task = subject.task
            if !tasks.contains(task.text) {
                let isThere = model.tasks.contains(task.text)
                throw ServingError(
                    .riskUnusable,
                    "\(task.place), \(task.path): the run \"\(model.path)\" has no "
                        + (isThere ? "probability of the task" : "task")
                        + " \"\(task.text)\"; expected one of "
                        + (tasks.isEmpty
                            ? "its tasks with a binary loss, of which there is none"
                            : tasks.map { "`\($0)`" }.joined(separator: ", "))
                        + ". Train it with the task, or leave `risk.\(kind.rawValue)` out."
                )
            }
            for rule in subject.policy.rules {
                guard case .number(let column, _) = rule.condition,
                    !model.encoder.columns.contains(column)
                else { continue }
                throw ServingError(
                    .riskUnusable,
                    "risk.\(kind.rawValue).rules \"\(rule.code)\": the run \"\(model.path)\" reads no column "
                        + "\"\(column)\"; expected one of "
                        + model.encoder.columns.joined(separator: ", ") + "."
                )
            }
        }
    }
}

extension ServingSettings.Recommend.Named {
    /// The file, and the line where it is known.
    var place: String { line.map { "\(file):\($0)" } ?? file }
}
