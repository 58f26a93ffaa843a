public import MotetConfiguration
public import MotetFeatures

/// The features a model reads that serving computes from live events.
///
/// They stand in the experiment so that the run directory has them, and a server computes what the model was
/// trained on.
public struct OnlineFeatureSettings: Hashable, Sendable {
    /// The features.
    public let definitions: FeatureDefinitions
    /// The section as it is written.
    public let node: ConfigurationNode

    /// Reads the section.
    init(_ value: ConfigurationValue) {
        node = value.node
        definitions = value.section { FeatureDefinitions($0) }
    }
}
