import Foundation
import Motet
import Testing

@Suite("Table of a comparison") struct ComparisonTableTests {
    /// A comparison of predictions with the same ones moved by a little.
    private func table(moved by: Float) throws -> String {
        var random = RandomKey(seed: 4).generator()
        let labels: [Float] = (0..<400).map { _ in random.nextUniform() < 0.4 ? 1 : 0 }
        let first = labels.map { 0.3 + 0.3 * $0 + 0.1 * Float(random.nextUniform()) }
        func task(_ predictions: [Float]) throws -> TaskObservations {
            TaskObservations(
                task: "click",
                metrics: [.logLoss],
                observations: try Observations(labels: labels, predictions: predictions)
            )
        }
        let comparison = try MetricComparison(
            of: [task(first)],
            with: [task(first.map { $0 + by })],
            scenarios: [],
            bootstrap: Bootstrap(resamples: 50, key: RandomKey(seed: 1))
        )
        return comparison.table(first: "one", second: "other").plain()
    }

    /// The decimals of the numbers of the last row, the percentage of the head left out.
    private func decimals(_ table: String) -> [Int] {
        let row = table.split(separator: "\n").last ?? ""
        return row.matches(of: /-?\d+\.(\d+)/).map { $0.1.count }
    }

    @Test(arguments: [(0.05, 4), (3e-4, 5), (3e-5, 6)] as [(by: Float, digits: Int)])
    func aSmallDifferenceHasTheDigitsThatShowIt(by: Float, digits: Int) throws {
        let table = try table(moved: by)
        #expect(decimals(table) == [Int](repeating: digits, count: 5), "\(table)")
    }

    @Test func noDifferenceHasFour() throws {
        #expect(decimals(try table(moved: 0)) == [4, 4, 4, 4, 4])
    }
}
