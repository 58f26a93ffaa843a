import Foundation
import HTTPTypes

/// A path with parameters, such as `/v1/users/{id}`.
struct PathPattern: Sendable {
    /// The path as it is written.
    let path: String
    private let parts: [Substring]

    init(_ path: String) {
        self.path = path
        parts = Self.parts(of: path)
    }

    /// Whether there are parameters.
    var hasParameters: Bool { parts.contains { Self.name(of: $0) != nil } }

    /// Whether a path is one of these; a parameter is never empty.
    func fits(_ path: String) -> Bool {
        let given = Self.parts(of: path)
        return given.count == parts.count
            && zip(parts, given).allSatisfy { Self.name(of: $0) == nil ? $0 == $1 : !$1.isEmpty }
    }

    /// What stands in a path that fits for each parameter, percent-decoded.
    ///
    /// - Throws: `RequestError` with the status 400 where it is not UTF-8, percent-encoded.
    func parameters(of path: String) throws(RequestError) -> [String: String] {
        var parameters: [String: String] = [:]
        for (part, given) in zip(parts, Self.parts(of: path)) {
            guard let name = Self.name(of: part) else { continue }
            guard let value = String(given).removingPercentEncoding else {
                throw RequestError(
                    .badRequest,
                    "malformed_path",
                    field: name,
                    message:
                        "\(name): it cannot be read; expected UTF-8, percent-encoded; received "
                        + "\(String(given).shortened)."
                )
            }
            parameters[name] = value
        }
        return parameters
    }

    private static func parts(of path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The name of a parameter; nil for a part that is one word.
    private static func name(of part: Substring) -> String? {
        part.hasPrefix("{") && part.hasSuffix("}") ? String(part.dropFirst().dropLast()) : nil
    }
}
