public import MotetCore

/// A simulation that cannot be made.
public struct SimulationError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    /// Creates an error from its code and sentence.
    public init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ErrorCode {
    /// The place of a simulation is taken.
    public static let simulationExists = ErrorCode(rawValue: "simulation_exists")
    /// Settings of a simulation that are out of range or do not go together.
    public static let simulationSettings = ErrorCode(rawValue: "simulation_settings")
}
