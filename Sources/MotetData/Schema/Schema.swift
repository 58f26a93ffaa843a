/// What the columns of a data set mean: features, labels, scenario, weights, and how to clean and
/// split the rows.
///
/// A schema holds only what a person decides. What is learnt from the training rows
/// (vocabularies, means, quantiles) stands in a ``FittedSchema``.
public struct Schema: Codable, Hashable, Sendable {
    /// The inputs of a model, in order; numeric features keep this order in the `numeric` column.
    public var features: [FeatureSpecification]
    /// What is predicted.
    public var labels: [LabelSpecification]
    /// Which column tells the scenario of a row, if there are several.
    public var scenario: ScenarioSpecification?
    /// The column that holds each row's sample weight.
    public var sampleWeight: String?
    /// The column whose values group rows for grouped metrics, such as a user for GAUC.
    public var group: String?
    /// Columns carried along unchanged, to name the rows of predictions.
    public var keep: [String]
    /// Rules that repair, change or drop rows, in order.
    public var cleaning: [CleaningRule]
    /// Which rows are for training, validation and test.
    public var split: SplitSpecification

    /// Creates a schema; `validate()` tells what is wrong with it.
    public init(
        features: [FeatureSpecification],
        labels: [LabelSpecification] = [],
        scenario: ScenarioSpecification? = nil,
        sampleWeight: String? = nil,
        group: String? = nil,
        keep: [String] = [],
        cleaning: [CleaningRule] = [],
        split: SplitSpecification = .given
    ) {
        self.features = features
        self.labels = labels
        self.scenario = scenario
        self.sampleWeight = sampleWeight
        self.group = group
        self.keep = keep
        self.cleaning = cleaning
        self.split = split
    }

    /// The feature of a name.
    public func feature(_ name: String) -> FeatureSpecification? {
        features.first { $0.name == name }
    }

    /// The feature whose vocabulary and table a feature uses: itself, or the one it shares.
    public func vocabularyOwner(of feature: FeatureSpecification) -> FeatureSpecification {
        guard case .shared(let name) = feature.vocabulary, let owner = self.feature(name) else {
            return feature
        }
        return owner
    }
}
