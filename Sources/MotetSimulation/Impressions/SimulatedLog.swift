import MotetCore
import MotetData

/// All rows of a simulated log in memory: the columns of the log and of its truth by name.
///
/// ```swift
/// let log = try SimulatedLog(settings)
/// let biased = try log.column("pay"), truth = try log.column("p_conversion")
/// ```
///
/// They are the numbers that ``Simulation`` writes.
public struct SimulatedLog: Sendable {
    /// The settings.
    public let settings: SimulationSettings
    /// The scenario of each row, as its place among the settings' scenarios.
    public let scenario: [Int32]
    private let columns: [String: [Float]]

    /// Makes the rows.
    ///
    /// - Parameter settings: what the shop is like; its rows must fit into memory.
    /// - Throws: ``SimulationError`` when the settings do not go together.
    public init(_ settings: SimulationSettings) throws {
        let world = try SimulatedWorld(settings)
        let generator = ImpressionGenerator(world)
        var block = ImpressionBlock(world)
        var columns: [String: [Float]] = [:]
        var scenario: [Int32] = []
        for first in stride(from: 0, to: settings.rows, by: Simulation.blockRows) {
            generator.fill(
                &block,
                rows: first..<min(first + Simulation.blockRows, settings.rows)
            )
            scenario += block.scenario
            let tables = [
                SimulatedTable(log: block, scenarios: settings.scenarios),
                SimulatedTable(truth: block),
            ]
            for column in tables.flatMap(\.columns) where column.name != "row" {
                guard let values = Self.floats(column.values) else { continue }
                columns[column.name, default: []] += values
            }
        }
        self.settings = settings
        self.scenario = scenario
        self.columns = columns
    }

    /// The rows.
    public var rowCount: Int { scenario.count }

    /// A column of numbers, of `impressions` or `truth/impressions`.
    ///
    /// - Parameter name: the column's name; `row` and `scenario` are none.
    /// - Returns: a number for each row, NaN where it is missing.
    /// - Throws: ``SimulationError`` when there is no such column.
    public func column(_ name: String) throws(SimulationError) -> [Float] {
        if let column = columns[name] { return column }
        let known = columns.keys.sorted()
        throw SimulationError(
            .columnUnknown,
            "simulated log: no column \"\(name)\"; expected one of \(known.joined(separator: ", "))."
                + Suggestion.sentence(for: name, in: known)
        )
    }

    private static func floats(_ values: TableValues) -> [Float]? {
        switch values {
        case .int32(let values): values.map { Float($0) }
        case .int64(let values): values.map { Float($0) }
        case .float32(let values): values
        case .float64(let values): values.map { Float($0) }
        case .boolean(let values): values.map { $0 ? 1 : 0 }
        case .string, .category, .list: nil
        }
    }
}
