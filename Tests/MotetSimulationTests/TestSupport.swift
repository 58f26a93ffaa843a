import Foundation
import MotetCore
import MotetData
import MotetTestSupport

@testable import MotetSimulation

/// A small shop that can be made at once.
func smallShop(
    rows: Int = 40_000,
    _ change: (inout SimulationSettings) -> Void = { _ in }
) -> SimulationSettings {
    var settings = SimulationSettings()
    settings.rows = rows
    settings.days = 20
    settings.users = 2_000
    settings.items = 300
    settings.sellers = 30
    settings.categories = 10
    change(&settings)
    return settings
}

/// All rows of a shop in one block, and the world they come from.
func simulated(
    _ settings: SimulationSettings
) throws -> (world: SimulatedWorld, block: ImpressionBlock) {
    let world = try SimulatedWorld(settings)
    var block = ImpressionBlock(world)
    ImpressionGenerator(world).fill(&block, rows: 0..<settings.rows)
    return (world, block)
}

extension ScratchFolder {
    /// The numbers of a column of a table, read by the readers every experiment uses.
    func numbers(_ table: String, _ column: String) throws -> [Double] {
        let reader = try TableReader(
            TableSource(path + "/" + table),
            columns: [ColumnRequest(column)]
        )
        var values: [Double] = []
        while let batch = try reader.next() {
            let numbers = try batch.column(column)
            values += (0..<batch.rowCount).map { numbers.number(at: $0) ?? .nan }
        }
        return values
    }
}

/// The mean of numbers.
func mean(_ values: some Collection<Double>) -> Double {
    values.reduce(0, +) / Double(values.count)
}

/// The correlation of two columns of numbers.
func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (first, second) = (mean(a), mean(b))
    var (product, left, right) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
        product += (x - first) * (y - second)
        left += (x - first) * (x - first)
        right += (y - second) * (y - second)
    }
    return product / (left * right).squareRoot()
}

/// How many standard errors a count lies from the sum of the probabilities it was drawn with.
func deviations(_ outcomes: [Double], _ probabilities: [Double]) -> Double {
    let variance = probabilities.reduce(0) { $0 + $1 * (1 - $1) }
    let distance = outcomes.reduce(0, +) - probabilities.reduce(0, +)
    return variance == 0 ? (distance == 0 ? 0 : .infinity) : distance / variance.squareRoot()
}
