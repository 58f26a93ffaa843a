import Foundation

extension LearnedStep {
    /// The most bytes of the history that are read.
    private static let tail: UInt64 = 256 << 10

    /// The last steps of a folder of candidates, the last first.
    ///
    /// Lines that do not read, such as of another version, are left out.
    ///
    /// - Parameters:
    ///   - count: the most steps.
    ///   - folder: the `output` of `motet learn`.
    /// - Returns: the steps; none where nothing was learnt yet.
    public static func recent(_ count: Int, in folder: String) -> [LearnedStep] {
        guard let file = FileHandle(forReadingAtPath: folder + "/history.jsonl"),
            let end = try? file.seekToEnd()
        else { return [] }
        defer { try? file.close() }
        let start = end > tail ? end - tail : 0
        guard (try? file.seek(toOffset: start)) != nil, let data = try? file.readToEnd() else {
            return []
        }
        var lines = data.split(separator: UInt8(ascii: "\n"))
        // It begins in the middle of a line.
        if start > 0, !lines.isEmpty { lines.removeFirst() }
        let decoder = LearnedStep.decoder
        return lines.suffix(count).reversed().compactMap {
            try? decoder.decode(LearnedStep.self, from: Data($0))
        }
    }
}
