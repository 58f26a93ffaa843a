import MotetNN

extension Trainer {
    /// Writes the parameters as a safetensors file with a checksum; it appears whole or not at all.
    ///
    /// - Parameters:
    ///   - file: the file; `ParameterStore.init(file:)` reads it.
    ///   - metadata: texts to keep beside them.
    /// - Throws: `TrainingError` with code `cannot_write`.
    public func writeParameters(to file: String, metadata: [String: String] = [:]) throws {
        try StateFile.write(states, model.parameters.map(\.name), metadata: metadata, to: file)
    }
}
