import MotetCore

/// Which experts of a layer serve which tasks and scenarios: mean weights of its gates over some rows.
///
/// The weights of a row count as shares, `|w_e| / sum |w|`, which is the weight itself where gates are softmaxes.
public struct ExpertUse: Hashable, Sendable, Codable {
    /// An expert of the layer.
    public struct Expert: Hashable, Sendable, Codable {
        /// The tasks that depend on it through any gate.
        public var tasks: [String]
    }

    /// One gate.
    public struct Gate: Hashable, Sendable, Codable {
        /// The tasks that depend on what it chooses; more than one for a gate of a shared part.
        public var tasks: [String]
        /// The experts it chooses among.
        public var selection: [Int]
        /// The rows that were looked at.
        public var rows: Int
        /// For each expert of the layer its mean share; 0 for experts it does not choose among.
        public var shares: [Double]
        /// For each scenario the same; nil where it has no row.
        public var scenarios: [[Double]?]
        /// The mean over rows of the entropy of the shares, over that of equal ones: 0 where every row takes one
        /// expert, 1 where all are mixed alike; nil for a gate with one expert.
        public var entropy: Double?
    }

    /// The layer.
    public var layer: String
    /// Its experts.
    public var experts: [Expert]
    /// Its gates.
    public var gates: [Gate]

    /// Creates a record.
    public init(layer: String, experts: [Expert], gates: [Gate]) {
        self.layer = layer
        self.experts = experts
        self.gates = gates
    }
}

extension ExpertUse.Expert {
    /// Creates an expert from the tasks that depend on it.
    public init(_ tasks: [String]) { self.init(tasks: tasks) }
}

/// Sums of a gate's shares over rows.
struct GateSums {
    private let selection: [Int]
    private let experts: Int
    private var rows = 0
    private var sums: [Double]
    private var entropySum = 0.0
    private var scenarioRows: [Int]
    private var scenarioSums: [[Double]]

    init(selection: [Int], experts: Int, scenarios: Int) {
        self.selection = selection
        self.experts = experts
        sums = [Double](repeating: 0, count: experts)
        scenarioRows = [Int](repeating: 0, count: scenarios)
        scenarioSums = scenarioRows.map { _ in [Double](repeating: 0, count: experts) }
    }

    /// Adds the weights of one row; a row whose weights are all 0 or not finite takes no part.
    mutating func add(_ weights: UnsafePointer<Float>, scenario: Int?) {
        var total = 0.0
        for place in selection.indices { total += Double(abs(weights[place])) }
        guard total > 0, total.isFinite else { return }
        rows += 1
        var entropy = 0.0
        let known = scenario.flatMap { scenarioRows.indices.contains($0) ? $0 : nil }
        if let known { scenarioRows[known] += 1 }
        for (place, expert) in selection.enumerated() {
            let share = Double(abs(weights[place])) / total
            sums[expert] += share
            if let known { scenarioSums[known][expert] += share }
            if share > 0 { entropy -= share * logarithm(share) }
        }
        entropySum += entropy
    }

    func gate(_ tasks: [String]) -> ExpertUse.Gate {
        let size = logarithm(Double(max(selection.count, 1)))
        return ExpertUse.Gate(
            tasks: tasks,
            selection: selection,
            rows: rows,
            shares: sums.map { rows > 0 ? $0 / Double(rows) : 0 },
            scenarios: zip(scenarioRows, scenarioSums).map { count, sums in
                count > 0 ? sums.map { $0 / Double(count) } : nil
            },
            entropy: selection.count > 1 && rows > 0 ? entropySum / Double(rows) / size : nil
        )
    }
}
