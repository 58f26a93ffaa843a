import Foundation
import MotetCore
import MotetData

extension Workload {
    /// Writes prepared data of this workload to a folder, a block of rows at a time.
    func write(to folder: String, rows: Int) throws -> PreparedDataset {
        let labels = ["first", "second"]
        let columns =
            (0..<fields).map { PreparedColumn(name: "field_\($0)", kind: .int32) }
            + labels.map { PreparedColumn(name: "label/\($0)", kind: .float32(width: 1)) }
        let writer = try PreparedDatasetWriter(path: folder, columns: columns, contentKey: name)
        let key = RandomKey(seed: 2026)
        let blockRows = 1 << 18
        for start in stride(from: 0, to: rows, by: blockRows) {
            let block = start..<min(start + blockRows, rows)
            for field in 0..<fields {
                let stream = key.split("field").split(field)
                let ids = block.map { Int32(stream.bits($0) % UInt64(vocabularySize)) }
                try ids.withUnsafeBufferPointer { try writer.append($0, to: field) }
            }
            for (index, task) in labels.enumerated() {
                let stream = key.split(task)
                let values: [Float] = block.map { stream.bits($0) % 10 == 0 ? 1 : 0 }
                try values.withUnsafeBufferPointer { try writer.append($0, to: fields + index) }
            }
        }
        return try writer.finish()
    }

    /// Lends prepared data on disk: the folder asked for, or a new one that goes away afterwards.
    func withFiles<Result>(
        _ folder: String?,
        rows: Int? = nil,
        _ body: (PreparedDataset) throws -> Result
    ) throws -> Result {
        if let folder { return try body(PreparedDataset(path: folder)) }
        let folder = NSTemporaryDirectory() + "motet-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(write(to: folder, rows: rows ?? self.rows))
    }
}

/// Writes prepared data and leaves it there.
struct WriteCommand {
    private let workload: Workload
    private let folder: String
    private let rows: Int

    init(_ arguments: BenchmarkArguments) throws {
        workload = try arguments.workload()
        rows = try arguments.number("--rows", default: workload.rows)
        guard let folder = arguments.text("--data") else {
            throw BenchmarkError("write: expected --data FOLDER.")
        }
        self.folder = folder
    }

    func run() throws {
        let data = try workload.write(to: folder, rows: rows)
        try printResult(["rows": data.rowCount, "bytes": data.byteCount])
    }
}
