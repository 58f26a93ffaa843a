import Motet

/// Rows of a simulated log for training, and others with their truth.
struct TruthData {
    /// A task: its label and the probability behind it.
    struct Task {
        let name: String
        let label: [Float]
        let truth: [Float]
    }

    let train: PreparedDataset
    let test: PreparedDataset
    /// Of the test's rows.
    let truth: [String: [Float]]
    /// The numbers a model sees.
    let width: Int
    private let firstTest: Int

    /// Splits a log: four rows of five are trained on, in the order of time.
    ///
    /// - Parameters:
    ///   - log: the rows.
    ///   - extra: columns that models see beside the features of users and items.
    ///   - tasks: the tasks.
    /// - Throws: an error where a column is missing.
    init(_ log: SimulatedLog, extra: [String] = [], tasks: [Task]) throws {
        let dimension = log.settings.latents.dimension
        let names =
            (0..<dimension).map { "user_\($0)" } + (0..<dimension).map { "item_\($0)" } + extra
        let columns = try names.map { try log.column($0) }
        let rows = log.rowCount
        var numeric = [Float](repeating: 0, count: rows * columns.count)
        for (place, column) in columns.enumerated() {
            for row in 0..<rows { numeric[row * columns.count + place] = column[row] }
        }
        let split = rows / 5 * 4
        func part(_ range: Range<Int>) throws -> PreparedDataset {
            let inputs = Array(
                numeric[(range.lowerBound * names.count)..<(range.upperBound * names.count)]
            )
            return try PreparedDataset(
                inMemory: [
                    ("numeric", .floats(inputs, width: names.count)),
                    ("scenario", .integers(Array(log.scenario[range]))),
                ] + tasks.map { ("label/\($0.name)", .floats(Array($0.label[range]))) }
            )
        }
        train = try part(0..<split)
        test = try part(split..<rows)
        truth = Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, Array($0.truth[split...])) })
        width = names.count
        firstTest = split
    }

    /// The test's rows of a column.
    func ofTest(_ column: [Float]) -> [Float] { Array(column[firstTest...]) }

    /// The inputs of a model.
    var features: FeatureInputs { FeatureInputs(features: [], numericWidth: width) }

    /// The mean divergence of predictions from the truth, `p log(p / q) + (1 - p) log((1 - p) / (1 - q))`:
    /// by how much the log loss of endless rows would lie above the least there can be.
    static func excessLoss(_ predicted: [Float], truth: [Float]) -> Double {
        var sum = 0.0
        for (q, p) in zip(predicted, truth) {
            let (p, q) = (Double(p), min(max(Double(q), 1e-7), 1 - 1e-7))
            sum += (p > 0 ? p * logarithm(p / q) : 0)
            sum += (p < 1 ? (1 - p) * logarithm((1 - p) / (1 - q)) : 0)
        }
        return sum / Double(truth.count)
    }

    /// The mean of numbers.
    static func mean(_ values: some Collection<Float>) -> Double {
        values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
}

extension SimulationSettings {
    /// A shop in which only tastes decide: everyone is honest, everything is in stock at its price, labels are
    /// there at once.
    static func tastes(rows: Int, seed: UInt64) -> SimulationSettings {
        var settings = SimulationSettings()
        settings.rows = rows
        settings.seed = seed
        settings.days = 10
        settings.users = 5_000
        settings.items = 1_000
        settings.sparsity.users = 0
        settings.sparsity.items = 0
        settings.latents.featureNoise = 0
        settings.delays.payHours = 0
        settings.fraud.ringAccounts = 0
        settings.demand.stockCover = 0
        settings.prices.shock = 0
        settings.prices.variation = 0
        settings.prices.promotions = 0
        settings.ads.share = 0
        settings.selection.position = 0
        settings.scenario.spread = 0
        return settings
    }
}
