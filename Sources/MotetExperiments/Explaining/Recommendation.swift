import MotetConfiguration

/// Something to try: what was measured, and changes of the configuration of which one would answer it.
public struct Recommendation: Codable, Hashable, Sendable {
    /// One key of the configuration with its new value.
    public struct Change: Codable, Hashable, Sendable {
        /// The keys that lead to it, such as `training.aggregation` or `tasks.click.weight`.
        public var key: String
        /// The new value as YAML; nil removes the key.
        public var value: String?

        init(_ key: String, _ value: String?) {
            self.key = key
            self.value = value
        }

        init(_ key: String, _ value: Int) { self.init(key, "\(value)") }
    }

    /// Changes that go together.
    public struct Option: Codable, Hashable, Sendable {
        /// The changes.
        public var changes: [Change]

        init(_ changes: [Change]) { self.changes = changes }

        /// The changes as YAML keys, those that are removed left out: `model.architecture: cgc, model.task_experts: 1`.
        public var text: String {
            let set = changes.compactMap { change in
                change.value.map { "\(change.key): \($0)" }
            }
            let gone = changes.filter { $0.value == nil }.map { "without \($0.key)" }
            return (set.isEmpty ? gone : set).joined(separator: ", ")
        }
    }

    /// The rule that made it, as docs/explain.md calls it.
    public var rule: String
    /// What was measured.
    public var evidence: String
    /// What to try, the likeliest first; all are accepted by the run's configuration.
    public var options: [Option]

    /// The recommendation as a sentence.
    public var sentence: String {
        let tries = options.map { "`\($0.text)`" }.joined(separator: " or ")
        return "\(evidence): try \(tries)."
    }
}

extension Experiment {
    /// The experiment with changes made to it.
    ///
    /// - Parameter changes: keys and values as YAML.
    /// - Returns: the changed experiment.
    /// - Throws: `ConfigurationError` or `ConfigurationEditError` where a key or value is not accepted.
    func applying(_ changes: [Recommendation.Change]) throws -> Experiment {
        var node = node
        for change in changes {
            var value = ConfigurationNode(.null)
            if let text = change.value {
                let document = try ConfigurationDocument(
                    parsing: "value: \(text)\n",
                    name: change.key
                )
                value = document.root["value"] ?? value
            }
            node = try node.setting(change.key.split(separator: ".").map(String.init), to: value)
        }
        let yaml = ConfigurationWriter.yaml(node)
        return try Experiment(
            ConfigurationDocument(parsing: yaml, name: "recommendation"),
            folder: "/"
        )
    }
}
