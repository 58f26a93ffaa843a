public import Foundation

/// A folder of event files as TensorBoard reads them: numbers by name, step by step.
///
/// Each writer has a file of its own. One that goes on where another was stopped writes no step again: it passes
/// over steps up to the last one that stands in the folder.
///
/// ```swift
/// let events = try EventFolder("run/tensorboard")
/// try events.add(["loss/click": 0.31, "validation/click/auc": 0.78], step: 400)
/// ```
public final class EventFolder {
    /// The folder.
    public let path: String
    /// The file that is written; nil before the first number.
    public private(set) var file: String?
    /// The last step that stands in the folder; nil before the first.
    public private(set) var lastStep: Int?

    private let clock: () -> Date
    private var handle: FileHandle?

    /// Opens a folder, which need not be there yet.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - clock: tells the time of day that records carry.
    /// - Throws: an error of the system when files in it cannot be read.
    public init(_ path: String, clock: @escaping () -> Date = Date.init) throws {
        self.path = path
        self.clock = clock
        lastStep = try Self.scalars(in: path).values.flatMap { $0.map(\.step) }.max()
    }

    deinit { try? handle?.close() }

    /// Adds the numbers of a step; they are in the file when this returns.
    ///
    /// - Parameters:
    ///   - scalars: numbers by name; those before the first `/` make the groups in TensorBoard. Those that are not
    ///     finite are left out.
    ///   - step: the step; nothing is written of one that stands in the folder already.
    /// - Throws: an error of the system when the file cannot be written.
    public func add(_ scalars: KeyValuePairs<String, Double?>, step: Int) throws {
        try add(scalars.map { (tag: $0.key, value: $0.value) }, step: step)
    }

    /// Adds the numbers of a step.
    public func add(_ scalars: [(tag: String, value: Double?)], step: Int) throws {
        if let lastStep, step <= lastStep { return }
        let known = scalars.compactMap { scalar -> EventRecord.Scalar? in
            guard let value = scalar.value, value.isFinite else { return nil }
            return EventRecord.Scalar(tag: scalar.tag, value: Float(value))
        }
        guard !known.isEmpty else { return }
        let record = EventRecord(
            wallTime: clock().timeIntervalSince1970,
            step: Int64(step),
            scalars: known
        )
        try handle(for: record.wallTime).write(contentsOf: Data(record.framed))
        lastStep = step
    }

    /// The file, begun with the mark of its format.
    private func handle(for wallTime: Double) throws -> FileHandle {
        if let handle { return handle }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // TensorBoard reads the files of a folder in the order of their names, which begin with the time.
        let seconds = Int(wallTime)
        let host = ProcessInfo.processInfo.hostName.split(separator: "/").joined(separator: "-")
        let stem =
            "\(path)/events.out.tfevents.\(String(repeating: "0", count: max(0, 10 - "\(seconds)".count)))\(seconds).\(host).\(ProcessInfo.processInfo.processIdentifier)"
        var number = 0
        while FileManager.default.fileExists(atPath: "\(stem).\(number)") { number += 1 }
        let name = "\(stem).\(number)"
        let first = EventRecord(wallTime: wallTime, fileVersion: EventRecord.version)
        try Data(first.framed).write(to: URL(fileURLWithPath: name), options: .withoutOverwriting)
        let opened = try FileHandle(forWritingTo: URL(fileURLWithPath: name))
        try opened.seekToEnd()
        (file, handle) = (name, opened)
        return opened
    }

    /// A number at a step.
    public struct Point: Hashable, Sendable {
        /// The step.
        public let step: Int
        /// The number.
        public let value: Float
    }

    /// The numbers of all files of a folder, in the order of the files.
    ///
    /// - Parameter path: the folder; nothing comes of one that is not there.
    /// - Returns: for each name its points.
    /// - Throws: an error of the system when a file cannot be read.
    public static func scalars(in path: String) throws -> [String: [Point]] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var scalars: [String: [Point]] = [:]
        for name in names.sorted() where name.hasPrefix("events.out.tfevents.") {
            let data = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
            for record in EventRecord.records(in: Array(data)) {
                for scalar in record.scalars {
                    let point = Point(step: Int(record.step), value: scalar.value)
                    scalars[scalar.tag, default: []].append(point)
                }
            }
        }
        return scalars
    }
}
