import MotetConfiguration
import Testing

/// The sentences of the problems that reading a text gives, with the file called `ple.yaml`.
func problems(
    in text: String,
    _ read: (ConfigurationReader) throws -> Void = { _ in }
) -> [String] {
    do {
        try ConfigurationDocument(parsing: text, name: "ple.yaml").read(read)
        return []
    } catch let error as ConfigurationError {
        return error.problems.map(\.description)
    } catch {
        return ["unexpected: \(error)"]
    }
}

/// The value that reading a text gives.
func value<Value>(
    of text: String,
    _ read: (ConfigurationReader) throws -> Value
) throws -> Value {
    try ConfigurationDocument(parsing: text, name: "ple.yaml").read(read)
}
