import MotetCore
import MotetGraph
public import MotetNN

/// What was carried over from another model, and what was not.
public struct WarmStartReport: Sendable, Hashable, Codable {
    /// What happened to one parameter.
    public enum Outcome: Sendable, Hashable, Codable {
        /// All of it was carried over.
        case copied
        /// Rows of a table were carried over by the value of their id.
        case rows(carried: Int, of: Int)
        /// The other model has none of that name; it starts fresh.
        case missing
        /// The other model's has another shape; it starts fresh.
        case shapeDiffers(received: [Int])
    }

    /// For each parameter of this model what happened to it.
    public internal(set) var parameters: [(name: String, outcome: Outcome)] {
        get { zip(names, outcomes).map { ($0, $1) } }
        set {
            names = newValue.map(\.name)
            outcomes = newValue.map(\.outcome)
        }
    }
    private var names: [String] = []
    private var outcomes: [Outcome] = []

    init() {}
}

extension Trainer {
    /// Takes over parameters of another model by name and shape; the rest starts fresh.
    ///
    /// - Parameters:
    ///   - other: the parameters of a trained model.
    ///   - rowMaps: for a table, for each of its rows the row of the other table with the same value, or
    ///     -1; tables without a map must have equal shapes.
    /// - Returns: what was and was not carried over.
    public func warmStart(
        from other: ParameterStore,
        rowMaps: [String: [Int32]] = [:]
    ) -> WarmStartReport {
        var report = WarmStartReport()
        for parameter in model.parameters {
            let outcome = carry(parameter, other[parameter.name], rowMaps[parameter.name])
            report.parameters.append((parameter.name, outcome))
        }
        return report
    }

    private func carry(
        _ parameter: ParameterDescription,
        _ source: Tensor?,
        _ map: [Int32]?
    ) -> WarmStartReport.Outcome {
        guard let source else { return .missing }
        if let map, parameter.shape.count == 2, source.shape.count == 2,
            source.shape[1] == parameter.shape[1], map.count == parameter.shape[0],
            var target = states.tensor(parameter.name)
        {
            let width = parameter.shape[1]
            var carried = 0
            source.withFloats { from in
                target.withMutableFloats { to in
                    for (row, old) in map.enumerated()
                    where old >= 0 && Int(old) < source.shape[0] {
                        for column in 0..<width {
                            to[row * width + column] = from[Int(old) * width + column]
                        }
                        carried += 1
                    }
                }
            }
            states.set(parameter.name, target)
            return .rows(carried: carried, of: map.count)
        }
        guard source.shape == parameter.shape else {
            return .shapeDiffers(received: source.shape)
        }
        states.set(parameter.name, source)
        return .copied
    }
}
