public import Foundation
public import MotetConfiguration
public import MotetData

/// An experiment as its file describes it: data, features, tasks, model and training.
///
/// Two experiments are equal if they mean the same, however their files are written: settings that
/// were left out hold their defaults, and paths are absolute.
public struct Experiment: Hashable, Sendable {
    /// The name, also of the run directory when none is given.
    public var name: String
    /// The seed of initial weights, the order of rows, dropout and resampling.
    public var seed: UInt64
    /// The files, and what their columns besides features and labels mean.
    public var data: DataSettings
    /// The inputs of the model.
    public var features: [FeatureSpecification]
    /// What is predicted.
    public var tasks: [TaskSettings]
    /// What the tasks share.
    public var model: ModelSettings
    /// How the model learns.
    public var training: TrainingSettings
    /// How the trained model is measured.
    public var evaluation: EvaluationSettings
    /// What serving computes from live events; nil where it computes nothing.
    public var onlineFeatures: OnlineFeatureSettings?

    /// Reads an experiment; paths in it are relative to its folder.
    ///
    /// - Parameter file: the YAML file.
    /// - Throws: `ConfigurationError` with every problem and its line.
    public init(contentsOf file: URL) throws {
        let document = try ConfigurationDocument(contentsOf: file)
        try self.init(document, folder: file.deletingLastPathComponent().path)
    }

    /// Reads an experiment from a parsed document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - folder: what relative paths start from.
    /// - Throws: `ConfigurationError` with every problem and its line.
    public init(_ document: ConfigurationDocument, folder: String) throws {
        self = try document.read { reader in
            Experiment(reading: reader, folder: folder)
        }
    }

    private init(reading reader: ConfigurationReader, folder: String) {
        name = reader.string("name")
        if name.isEmpty || name.contains("/") || name.hasPrefix(".") {
            reader.fail(
                "name",
                "cannot name a folder; expected text without `/` that does not begin with `.`; "
                    + "received \"\(name)\"."
            )
        }
        seed = UInt64(reader.integer("seed", in: .atLeast(0)).magnitude)
        data = reader.section("data") { DataSettings(reading: $0, folder: folder) }
        features = reader.list("features", count: .atLeast(1)) { value in
            value.section { FeatureSpecification(reading: $0) }
        }
        tasks = reader.list("tasks", count: .atLeast(1)) { value in
            value.section { TaskSettings(reading: $0) }
        }
        model = reader.section("model") { ModelSettings(reading: $0) }
        training = reader.section("training") { TrainingSettings(reading: $0) }
        evaluation = reader.section(orEmpty: "evaluation") { EvaluationSettings(reading: $0) }
        onlineFeatures = reader.value("online_features").map { OnlineFeatureSettings($0) }
        check(reader)
    }

    /// The experiment as a tree that reads back equal, every default written out.
    public var node: ConfigurationNode {
        .map([
            ("name", .string(name)),
            ("seed", .integer(Int(clamping: seed))),
            ("data", data.node),
            ("features", .list(features.map(\.node))),
            ("tasks", .list(tasks.map(\.node))),
            ("model", model.node),
            ("training", training.node),
            ("evaluation", evaluation.node),
            ("online_features", onlineFeatures?.node),
        ])
    }

    /// What the columns of the files mean, prices of demand among the features; files of tasks of their own have
    /// other labels.
    public var schema: Schema {
        Schema(
            features: features + tasks.compactMap(\.priceFeature),
            labels: tasksOfMainFiles.map(\.label),
            scenario: data.scenario,
            sampleWeight: data.sampleWeight,
            group: data.group,
            keep: data.keep,
            cleaning: data.cleaning,
            split: data.split
        )
    }
}
