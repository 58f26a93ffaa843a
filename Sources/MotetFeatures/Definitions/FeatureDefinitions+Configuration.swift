public import Foundation
public import MotetConfiguration

extension FeatureDefinitions {
    /// Reads the section `online_features` of a YAML file, whatever else the file holds.
    ///
    /// - Parameter url: the file.
    /// - Throws: `ConfigurationError` with every mistake of the section.
    public init(contentsOf url: URL) throws {
        let document = try ConfigurationDocument(contentsOf: url)
        var section: [ConfigurationNode.Entry] = []
        if case .map(let entries) = document.root.content {
            section = entries.filter { $0.key == "online_features" }
        }
        let alone = ConfigurationNode(.map(section))
        self = try ConfigurationDocument(alone, name: document.name).read { reader in
            reader.section("online_features") { FeatureDefinitions($0) }
        }
    }

    /// Reads the keys of the section.
    public init(_ reader: ConfigurationReader) {
        let lateness =
            reader.parsed("lateness", default: Self.standardLateness) {
                let span = try TimeSpan.parse($0)
                guard (60_000...2_592_000_000).contains(span) else {
                    throw FeatureError(
                        .featureDefinition,
                        "out of range; expected from 1m to 30d; received \"\($0)\"."
                    )
                }
                return span
            }
        var names: Set<String> = []
        let features = reader.list("features", count: .between(1, 1_000)) { value in
            value.section { reader -> FeatureDefinition? in
                let feature = FeatureDefinition(reader)
                guard names.insert(feature.name).inserted else {
                    reader.fail("name", "given twice; expected another name for each feature.")
                    return nil
                }
                return feature
            }
        }
        let profile = reader.section(orEmpty: "profile") { ProfileRules.read($0) }
        self.init(features, lateness: lateness, profile: profile)
    }
}
