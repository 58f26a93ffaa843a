import MotetCore
public import MotetGraph
public import MotetNN

/// What is shared between tasks and what is not: a layer from features to one output for each task.
public protocol MultiTaskLayer: Layer {
    /// The tasks in the order of the outputs.
    var tasks: [TaskHead] { get }
    /// The number of scenarios with towers of their own, or nil for towers all scenarios share.
    var scenarioCount: Int? { get }
}

extension MultiTaskLayer {
    /// Calls the architecture.
    ///
    /// - Parameters:
    ///   - features: `[B, I]`.
    ///   - scenarios: where each scenario's rows start; needed when towers belong to scenarios.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: for each task its name and output.
    /// - Throws: `GraphError` when the input does not fit or scenarios are missing.
    public func callAsFunction(
        _ features: some TensorConvertible,
        scenarios: ScenarioOffsets? = nil,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        let location = SourceLocation(fileID: fileID, line: line)
        var inputs = [features.tensor]
        if let scenarioCount {
            guard let scenarios, scenarios.scenarioCount == scenarioCount else {
                throw GraphError(
                    .shapeMismatch,
                    "\(Self.self): the scenarios are wrong; expected offsets of \(scenarioCount) scenarios; received \(scenarios.map { "\($0.scenarioCount)" } ?? "none").",
                    location: location
                )
            }
            inputs.append(scenarios.tensor)
        }
        return zip(tasks, try call(inputs, at: location)).map { ($0.name, $1) }
    }
}

/// Settings most architectures share.
public struct TowerSettings: Sendable, Hashable {
    /// Widths of the hidden layers of each task's tower.
    public var units: [Int]
    /// The function after each hidden layer.
    public var activation: LayerActivation
    /// The share of hidden elements dropped while training.
    public var dropout: Float
    /// The number of scenarios with towers of their own, or nil.
    public var scenarios: Int?

    /// Creates settings.
    public init(
        units: [Int] = [],
        activation: LayerActivation = .relu,
        dropout: Float = 0,
        scenarios: Int? = nil
    ) {
        self.units = units
        self.activation = activation
        self.dropout = dropout
        self.scenarios = scenarios
    }

    func towers(_ tasks: [TaskHead], sharesInput: Bool) -> Towers {
        Towers(
            tasks,
            units: units,
            scenarios: scenarios,
            activation: activation,
            dropout: dropout,
            sharesInput: sharesInput
        )
    }
}
