import Dispatch
import Foundation
public import MotetFeatures
import Synchronization

/// What an event survives once `apply` returned.
public enum StoreDurability: String, CaseIterable, Hashable, Sendable {
    /// The end of the process, however it comes.
    case process
    /// The end of the machine's power too: every commit waits for the disk.
    case power
}

/// A store in memory with a log and snapshots in SQLite: what it acknowledged is there after any end.
///
/// An entry is committed to the log before it counts. Calls that come while a commit is under way are committed
/// together by the next. Now and then the whole state is written into a file of its own, beside the traffic,
/// and the log goes on from there.
///
/// What changes is in mutexes; the files are used on one serial queue.
public final class DurableFeatureStore: FeatureStore {
    /// The features there are.
    public let definitions: FeatureDefinitions
    /// The categories of items.
    public let items: ItemTable
    /// The features whose statistics the folder did not have, because definitions changed: they start empty.
    public let emptyFeatures: [String]

    private let folder: String
    private let options: Options
    private let state: Mutex<KeptFeatures>
    private let queue = DispatchQueue(label: "motet.feature-store")
    private let waiting: Mutex<Waiting>
    private let log: StoreLog
    private let failure: Mutex<FeatureError?>

    /// Why the last snapshot could not be written; nil if it could.
    ///
    /// The log grows until one can.
    public var snapshotFailure: FeatureError? { failure.withLock { $0 } }

    /// How a store works.
    public struct Options: Hashable, Sendable {
        /// What an event survives.
        public var durability = StoreDurability.power
        /// After how many events a snapshot is written, but never fewer than there were keys in the last one
        /// since the store was opened.
        public var snapshotEvents = 500_000
        /// The most events that may wait to be written; more are refused.
        public var maximumWaiting = 200_000

        /// Creates the standard options.
        public init() {}
    }

    /// A call that waits for the log.
    fileprivate struct Call: Sendable {
        let entry: StoreEntry
        let content: [UInt8]
        let reply: CheckedContinuation<[EventOutcome], any Error>

        var events: Int { if case .events(let events) = entry { events.count } else { 1 } }
    }

    private struct Waiting {
        var calls: [Call] = []
        var events = 0
        var isScheduled = false
        var isClosed = false
    }

    /// Opens the store of a folder, or makes one.
    ///
    /// - Parameters:
    ///   - definitions: the features.
    ///   - items: the categories of items whose events or requests do not tell them.
    ///   - folder: where the store is kept; one process may have it open.
    ///   - options: how it works.
    /// - Throws: ``FeatureError`` with the code `feature_store` when it is open elsewhere, damaged or cannot be
    ///   written.
    public init(
        _ definitions: FeatureDefinitions,
        items: ItemTable = ItemTable(),
        folder: String,
        options: Options = Options()
    ) throws {
        self.definitions = definitions
        self.items = items
        self.folder = folder
        self.options = options
        let opened = try StoreLog.open(definitions, folder: folder, options: options)
        log = opened.log
        emptyFeatures = opened.empty
        state = Mutex(opened.features)
        waiting = Mutex(Waiting())
        failure = Mutex(nil)
    }

    /// Takes in events; when it returns, they are in the log and count.
    public func apply(_ events: [Event]) async throws -> [EventOutcome] {
        try await submit(.events(events.map { items.resolved($0) }))
    }

    /// The features of a request.
    public func features(_ request: FeatureRequest) -> FeatureTable {
        var table = FeatureTable()
        read(request, into: &table)
        return table
    }

    /// Reads the features of a request into a table, in place of those before.
    package func read(_ request: FeatureRequest, into table: inout FeatureTable) {
        state.withLock { $0.read(request, items, into: &table) }
    }

    /// What is known of a user at a time; nil where nothing is kept of the user, or no profiles are kept.
    public func profile(of user: String, at time: Int64) -> UserProfile? {
        state.withLock { $0.profile(of: user, at: time) }
    }

    /// Removes everything kept for a user, from the memory at once, and from the disk before it returns: the
    /// state without the user is written anew, and the log before it removed.
    public func forget(user: String) async throws -> Bool {
        let outcome = try await submit(.forget(user: user))
        try await withCheckedThrowingContinuation { (reply: StoreLog.Reply) in
            queue.async { self.writeSnapshot(for: [reply]) }
        }
        return outcome == [.applied]
    }

    /// Waits for what was begun, and closes the files.
    public func close() async throws {
        waiting.withLock { $0.isClosed = true }
        try await withCheckedThrowingContinuation { (reply: StoreLog.Reply) in
            queue.async {
                self.commitWaiting()
                self.log.waitingForClose.append(reply)
                if !self.log.isWriting { self.closeLog() }
            }
        }
    }

    private func closeLog() {
        guard !log.waitingForClose.isEmpty else { return }
        let result = Result { try log.close() }
        for reply in log.waitingForClose { reply.resume(with: result) }
        log.waitingForClose = []
    }

    private func submit(_ entry: StoreEntry) async throws -> [EventOutcome] {
        let content = entry.bytes()
        return try await withCheckedThrowingContinuation { reply in
            let call = Call(entry: entry, content: content, reply: reply)
            let refusal = waiting.withLock { waiting -> FeatureError? in
                guard !waiting.isClosed else { return closed }
                guard waiting.events + call.events <= options.maximumWaiting else { return full }
                waiting.calls.append(call)
                waiting.events += call.events
                guard !waiting.isScheduled else { return nil }
                waiting.isScheduled = true
                queue.async { self.commitWaiting() }
                return nil
            }
            if let refusal { reply.resume(throwing: refusal) }
        }
    }

    private var closed: FeatureError {
        FeatureError(.featureStore, "feature store \"\(folder)\": closed; expected an open one.")
    }

    private var full: FeatureError {
        FeatureError(
            .featureStoreFull,
            "feature store \"\(folder)\": too many events wait to be written; expected at most "
                + "\(options.maximumWaiting). Send them again later."
        )
    }

    /// Commits all calls that wait, and comes back for those that come meanwhile.
    ///
    /// Runs on the queue, and comes back behind what else waits for it, such as the end of a snapshot: under
    /// steady traffic there are always calls.
    private func commitWaiting() {
        let calls = waiting.withLock { waiting -> [Call] in
            let calls = waiting.calls
            waiting.calls = []
            waiting.events = 0
            if calls.isEmpty { waiting.isScheduled = false }
            return calls
        }
        guard !calls.isEmpty else { return }
        commit(calls)
        queue.async { self.commitWaiting() }
    }

    private func commit(_ calls: [Call]) {
        do {
            try log.append(calls.map(\.content))
        } catch {
            for call in calls { call.reply.resume(throwing: error) }
            return
        }
        for call in calls {
            let outcomes = state.withLock { $0.apply(call.entry) }
            log.count(call.entry)
            call.reply.resume(returning: outcomes)
        }
        if log.wantsSnapshot { writeSnapshot(for: []) }
    }

    /// Writes a snapshot beside the traffic.
    ///
    /// Runs on the queue.
    private func writeSnapshot(for replies: [StoreLog.Reply]) {
        guard !log.isWriting else {
            log.waitingForNext += replies
            return
        }
        let snapshot = state.withLock { $0.snapshot() }
        let (name, sequence) = log.beginSnapshot()
        DispatchQueue.global(qos: .utility).async {
            let written = Result {
                try SnapshotDatabase.write(snapshot, to: self.folder, name: name)
                return snapshot.keyCount
            }
            self.queue.async {
                do {
                    try self.log.goOn(from: name, after: sequence, keys: written.get())
                    self.trimLog(through: sequence, replies)
                } catch {
                    self.finishSnapshot(.failure(error), replies)
                }
            }
        }
    }

    /// Removes what the snapshot holds from the log, a little at a time between the commits.
    ///
    /// Runs on the queue.
    private func trimLog(through sequence: Int64, _ replies: [StoreLog.Reply]) {
        do {
            guard try log.trim(through: sequence) else {
                queue.async { self.trimLog(through: sequence, replies) }
                return
            }
            // Somebody who was forgotten is to be gone from the write-ahead log too.
            if !replies.isEmpty { try log.checkpoint() }
            finishSnapshot(.success(()), replies)
        } catch {
            finishSnapshot(.failure(error), replies)
        }
    }

    private func finishSnapshot(_ result: Result<Void, any Error>, _ replies: [StoreLog.Reply]) {
        log.isWriting = false
        if case .failure(let error) = result {
            failure.withLock { $0 = error as? FeatureError }
        } else {
            failure.withLock { $0 = nil }
        }
        for reply in replies { reply.resume(with: result) }
        let next = log.waitingForNext
        log.waitingForNext = []
        if next.isEmpty { closeLog() } else { writeSnapshot(for: next) }
    }
}
