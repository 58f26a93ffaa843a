import Foundation
import MotetTraining

/// What a step of learning did.
public struct LearnedStep: Codable, Hashable, Sendable {
    /// Its number, from 1.
    public var step: Int
    /// The logs' time it begins behind and ends with, in milliseconds since 1970.
    public var after: Int64
    /// The end.
    public var through: Int64
    /// The run that answered before.
    public var live: String
    /// The rows that were learnt.
    public var rows: Int
    /// Those of them that had been learnt as negatives before.
    public var corrections: Int
    /// Both models by task and scenario.
    public var cells: [LearningGate.Cell]
    /// The candidate's run; nil where it was discarded.
    public var promoted: String?
    /// Why it was discarded.
    public var reason: String?

    /// What reads lines of the history.
    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }

    /// The lines of the history, the last step of each span.
    static func add(_ step: LearnedStep, to folder: String) throws {
        let file = folder + "/history.jsonl"
        let old = FileManager.default.contents(atPath: file) ?? Data()
        let lines = String(decoding: old, as: UTF8.self).split(separator: "\n").filter { line in
            let known = try? decoder.decode(LearnedStep.self, from: Data(line.utf8))
            return known.map { $0.step < step.step } ?? false
        }
        let encoder = JSONEncoder()
        // A candidate that came to nothing has losses that are no numbers.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = String(decoding: try encoder.encode(step), as: UTF8.self)
        try AtomicFile.write(
            file,
            text: (lines.map(String.init) + [line]).joined(separator: "\n") + "\n"
        )
    }

    /// Text for a terminal: both models by task and scenario, and what was decided.
    public func table() -> String {
        var table = TextTable(
            [
                "task", "scenario", "rows", "positives", "live log loss", "candidate", "live ratio",
                "candidate",
            ],
            alignments: [.left, .left, .right, .right, .right, .right, .right, .right]
        )
        func ratio(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
        for cell in cells {
            table.addRow([
                cell.task, cell.scenario ?? "(all)", "\(cell.rows)", "\(cell.positives)",
                String(format: "%.5f", cell.live.logLoss),
                String(format: "%.5f", cell.candidate.logLoss), ratio(cell.live.calibration),
                ratio(cell.candidate.calibration),
            ])
        }
        let head = "step \(step): \(rows) rows, \(corrections) of them corrections\n"
        let end =
            promoted.map { "promoted: \($0)" } ?? "discarded: \(reason ?? "")"
        return head + (cells.isEmpty ? "" : "\n" + table.plain() + "\n") + end
    }
}
