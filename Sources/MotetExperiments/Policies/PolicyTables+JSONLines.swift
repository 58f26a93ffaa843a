import Foundation
import MotetDecisions

extension PolicyTables {
    /// Reads rows that are JSON objects, a line each.
    enum JSONLines {
        /// The keys of the first line.
        static func keys(_ path: String) throws -> [String] {
            guard let line = try lines(path).first else { return [] }
            return Array(try object(line.text, Row { "\(path):\(line.number)" }).keys)
        }

        /// Hands each line out.
        static func read(
            _ path: String,
            names: [String],
            numbers: [String],
            _ body: (Row) throws -> Void
        ) throws {
            for line in try lines(path) {
                var row = Row { "\(path):\(line.number)" }
                let object = try object(line.text, row)
                for name in names {
                    switch object[name] {
                    case .text(let text)? where !text.isEmpty: row.names.append(text)
                    case .number(let number)?:
                        guard let whole = Int64(exactly: number) else { fallthrough }
                        row.names.append(String(whole))
                    default:
                        throw row.mistake(
                            name,
                            "no name",
                            "a text or a whole number",
                            "another value"
                        )
                    }
                }
                for name in numbers {
                    guard case .number(let number)? = object[name] else {
                        throw row.mistake(name, "no number", "a finite number", "another value")
                    }
                    row.numbers.append(number)
                }
                try body(row)
            }
        }

        /// A value of a line.
        private enum Value: Decodable {
            case text(String)
            case number(Double)
            case other

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .other
                }
            }
        }

        private static func object(
            _ line: Data,
            _ row: Row
        ) throws(DecisionError) -> [String: Value] {
            guard let object = try? JSONDecoder().decode([String: Value].self, from: line) else {
                throw DecisionError(
                    .decision,
                    "\(row.place()): the line does not read; expected a JSON object; received \(line.count) bytes."
                )
            }
            return object
        }

        private static func lines(
            _ path: String
        ) throws(DecisionError) -> [(number: Int, text: Data)] {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw DecisionError(
                    .decision,
                    "\(path): no such file; expected JSON lines to read. Check the path."
                )
            }
            return data.split(separator: 10, omittingEmptySubsequences: false).enumerated()
                .filter { !$0.element.isEmpty }
                .map { ($0.offset + 1, Data($0.element)) }
        }
    }
}
