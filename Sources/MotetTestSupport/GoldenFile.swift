import Foundation
public import MotetCore
public import MotetNN

/// A file of numbers from an independent program, under `Tests/Goldens`.
public struct GoldenFile: Sendable {
    /// The tensors and the description of how they were made.
    public let file: SafetensorsFile
    /// The attributes of each case.
    public let cases: [String: GoldenAttributes]

    /// Reads a golden file.
    ///
    /// - Parameter path: where it lies under `Tests/Goldens`, such as `ops/dense.safetensors`.
    /// - Throws: when the file is missing or malformed.
    public init(_ path: String) throws {
        let package = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: package.appending(path: "Tests/Goldens/\(path)"))
        file = try SafetensorsFile(bytes: Array(data), name: path)
        let text = file.metadata["cases"] ?? "{}"
        cases = try JSONDecoder().decode([String: GoldenAttributes].self, from: Data(text.utf8))
    }

    /// A tensor of a case.
    ///
    /// - Parameters:
    ///   - name: the case.
    ///   - what: the rest of the tensor's name, such as `inputs/left`.
    /// - Returns: the tensor, or nil when there is none.
    public func tensor(_ name: String, _ what: String) -> Tensor? {
        file.tensors["\(name)/\(what)"]
    }
}

/// The attributes of a golden case, read by name.
public struct GoldenAttributes: Sendable, Decodable {
    private enum Attribute: Decodable {
        case text(String)
        case truth(Bool)
        case number(Double)
        case numbers([Double])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let truth = try? container.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .numbers(try container.decode([Double].self))
            }
        }
    }

    private let attributes: [String: Attribute]

    /// Reads the attributes of one case.
    public init(from decoder: any Decoder) throws {
        attributes = try decoder.singleValueContainer().decode([String: Attribute].self)
    }

    /// A number, or nil when there is none of that name.
    public func number(_ name: String) -> Double? {
        if case .number(let number)? = attributes[name] { number } else { nil }
    }

    /// A list of numbers, or nil when there is none of that name.
    public func numbers(_ name: String) -> [Double]? {
        if case .numbers(let numbers)? = attributes[name] { numbers } else { nil }
    }

    /// A string, or nil when there is none of that name.
    public func text(_ name: String) -> String? {
        if case .text(let text)? = attributes[name] { text } else { nil }
    }

    /// Whether an attribute is there and true.
    public func isTrue(_ name: String) -> Bool {
        if case .truth(true)? = attributes[name] { true } else { false }
    }
}
