public import MotetCore
public import MotetData
import MotetMetrics

/// What of prepared data belongs to one feature: it is permuted together.
public struct FeatureColumns: Hashable, Sendable {
    /// A column, or some values of each of its rows.
    public struct Part: Hashable, Sendable {
        /// The column.
        public var column: String
        /// The values of a row that are the feature's; nil for all.
        public var elements: [Int]?

        /// Names a column.
        public init(_ column: String, elements: [Int]? = nil) {
            self.column = column
            self.elements = elements
        }
    }

    /// The feature.
    public var name: String
    /// Its columns.
    public var parts: [Part]

    /// Names a feature's columns.
    public init(_ name: String, _ parts: [Part]) {
        self.name = name
        self.parts = parts
    }
}

/// How much worse a task's first metric gets when a feature's rows are permuted.
public struct FeatureImportance: Hashable, Sendable, Codable {
    /// A task's part.
    public struct Task: Hashable, Sendable, Codable {
        /// The task.
        public var task: String
        /// Its first metric.
        public var metric: String
        /// The metric on the rows as they are.
        public var value: Double
        /// For each permutation how much worse the metric gets; below 0 where it gets better.
        public var drops: [Double]

        /// Creates a task's part.
        public init(task: String, metric: String, value: Double, drops: [Double]) {
            self.task = task
            self.metric = metric
            self.value = value
            self.drops = drops
        }

        /// The mean drop.
        public var mean: Double { drops.reduce(0, +) / Double(max(drops.count, 1)) }
        /// The standard deviation of the drops; 0 for one permutation.
        public var deviation: Double {
            guard drops.count > 1 else { return 0 }
            let mean = mean
            let squares = drops.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (squares / Double(drops.count - 1)).squareRoot()
        }
    }

    /// The feature.
    public var feature: String
    /// The tasks whose first metric has a value on the rows.
    public var tasks: [Task]

    /// Creates a record.
    public init(feature: String, tasks: [Task]) {
        self.feature = feature
        self.tasks = tasks
    }
}

extension Trainer {
    /// How much each feature counts for each task: what its metric loses when the feature's values go to other rows.
    ///
    /// - Parameters:
    ///   - features: what is permuted together.
    ///   - data: prepared rows with labels.
    ///   - names: the tasks; nil for all.
    ///   - repeats: permutations of each feature, at least 1.
    ///   - key: what permutations are drawn from.
    ///   - batchSize: rows at a time.
    ///   - progress: told how many passes over the rows are done.
    /// - Returns: one record for each feature, in their order.
    /// - Throws: `TrainingError` or `TableError` when the data do not fit the model or a column is missing.
    /// - Source: Breiman, "Random Forests", Machine Learning 45, 2001, section 10; for any model Fisher, Rudin and
    ///   Dominici, "All Models are Wrong, but Many are Useful", JMLR 20, 2019. <https://arxiv.org/abs/1801.01489>
    public func featureImportance(
        _ features: [FeatureColumns],
        _ data: PreparedDataset,
        tasks names: [String]? = nil,
        repeats: Int,
        key: RandomKey,
        batchSize: Int = 4096,
        progress: (Int) -> Void = { _ in }
    ) throws -> [FeatureImportance] {
        precondition(repeats >= 1, "importance needs at least 1 permutation; received \(repeats)")
        var passes = 0
        func values(
            _ data: PreparedDataset
        ) throws -> [(task: String, metric: Metric, value: Double?)] {
            let observations = try evaluate(data, tasks: names, batchSize: batchSize)
            passes += 1
            progress(passes)
            return observations.compactMap { task in
                guard let metric = task.metrics.first else { return nil }
                return (task.task, metric, metric.evaluate(task.observations).value)
            }
        }
        let base = try values(data)
        return try features.map { feature in
            var drops = base.map { _ in [Double]() }
            for number in 0..<repeats {
                let order = Self.permutation(
                    data.rowCount,
                    key.split(feature.name).split(number)
                )
                var changed = data
                for part in feature.parts {
                    changed = try changed.reordering(
                        part.column,
                        by: order,
                        elements: part.elements
                    )
                }
                for (place, found) in try values(changed).enumerated() {
                    guard let before = base[place].value, let after = found.value else { continue }
                    let goal = found.metric.goal
                    drops[place].append(goal.badness(of: after) - goal.badness(of: before))
                }
            }
            let tasks = zip(base, drops).compactMap { base, drops -> FeatureImportance.Task? in
                guard let value = base.value, !drops.isEmpty else { return nil }
                return FeatureImportance.Task(
                    task: base.task,
                    metric: base.metric.name,
                    value: value,
                    drops: drops
                )
            }
            return FeatureImportance(feature: feature.name, tasks: tasks)
        }
    }

    /// A random order of rows.
    private static func permutation(_ count: Int, _ key: RandomKey) -> [Int] {
        var random = key.generator()
        return Array(0..<count).shuffled(using: &random)
    }
}
