import Foundation
import MotetCore
import MotetFeatures

/// The files of a store: the log, and the snapshot it goes on from.
///
/// `@unchecked Sendable`: after ``open(_:folder:options:)`` it is used on the store's serial queue alone.
final class StoreLog: @unchecked Sendable {
    typealias Reply = CheckedContinuation<Void, any Error>

    /// The number of the last entry.
    private(set) var sequence: Int64
    /// Whether a snapshot is being written.
    var isWriting = false
    /// Who waits for the snapshot after the one that is being written.
    var waitingForNext: [Reply] = []
    /// Who waits for the files to be closed.
    var waitingForClose: [Reply] = []

    private let folder: String
    private let database: EventDatabase
    private let snapshotEvents: Int
    private var eventsSinceSnapshot: Int
    private var keysOfSnapshot = 0
    private var snapshotName: String?

    private init(_ folder: String, _ database: EventDatabase, _ snapshotEvents: Int) {
        self.folder = folder
        self.database = database
        self.snapshotEvents = snapshotEvents
        sequence = 0
        eventsSinceSnapshot = 0
    }

    /// Opens the files of a folder, and puts together what they tell.
    static func open(
        _ definitions: FeatureDefinitions,
        folder: String,
        options: DurableFeatureStore.Options
    ) throws -> (log: StoreLog, features: KeptFeatures, empty: [String]) {
        let place = StoreFolder(path: folder)
        try place.make()
        try place.checkLog()
        let database = try EventDatabase(folder: folder, durability: options.durability)
        let log = StoreLog(folder, database, options.snapshotEvents)
        var features = KeptFeatures(definitions)
        var empty: [String] = []
        if let snapshot = try database.snapshot() {
            guard snapshot.name.hasPrefix("state-\(snapshot.sequence)-") else {
                throw place.damaged("log.sqlite", "the snapshot of another entry")
            }
            (features, empty) = try SnapshotDatabase.read(folder, name: snapshot.name, definitions)
            log.sequence = snapshot.sequence
            log.snapshotName = snapshot.name
        }
        let start = log.sequence
        try database.forEachEntry(after: log.sequence) { sequence, entry in
            features.apply(entry)
            log.sequence = sequence
            log.count(entry)
        }
        guard log.sequence > 0 || place.snapshots.isEmpty else {
            throw place.damaged("log.sqlite", "no entry beside \(place.snapshots[0])")
        }
        // What an end of the process left of the removing; only now that everything was read.
        _ = try database.trim(through: start, limit: .max)
        try place.removeSnapshots(but: log.snapshotName)
        return (log, features, empty)
    }

    /// Commits entries, all or none.
    func append(_ contents: [[UInt8]]) throws(FeatureError) {
        let first = sequence + 1
        try database.append(contents.enumerated().map { (first + Int64($0.offset), $0.element) })
        sequence += Int64(contents.count)
    }

    /// Counts an entry that was applied.
    func count(_ entry: StoreEntry) {
        if case .events(let events) = entry { eventsSinceSnapshot += events.count }
    }

    /// Whether enough came since the last snapshot to be worth another.
    var wantsSnapshot: Bool {
        !isWriting && eventsSinceSnapshot >= max(snapshotEvents, keysOfSnapshot)
    }

    /// Notes that a snapshot of the present begins to be written, and names it.
    func beginSnapshot() -> (name: String, sequence: Int64) {
        isWriting = true
        eventsSinceSnapshot = 0
        return ("state-\(sequence)-\(UUID().uuidString.prefix(8)).sqlite", sequence)
    }

    /// Makes the log go on from a snapshot that was written, and removes the snapshot before.
    func goOn(from name: String, after sequence: Int64, keys: Int) throws(FeatureError) {
        try database.goOn(from: name, after: sequence)
        // Or, after a loss of power, the log could still go on from the snapshot that is removed now.
        try database.checkpoint()
        snapshotName = name
        keysOfSnapshot = keys
        try StoreFolder(path: folder).removeSnapshots(but: name)
    }

    /// Removes some of the entries that the snapshot holds; whether none is left.
    func trim(through sequence: Int64) throws(FeatureError) -> Bool {
        try database.trim(through: sequence, limit: 100)
    }

    /// Brings everything into the main file, and the names of files to the disk, so that what was removed is gone.
    func checkpoint() throws(FeatureError) {
        try database.checkpoint()
        try StoreFolder(path: folder).synchronize()
    }

    /// Closes the files.
    func close() throws(FeatureError) { try database.close() }
}
