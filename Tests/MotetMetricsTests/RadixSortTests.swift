import MotetCore
import Testing

@testable import MotetMetrics

@Suite("Radix sort") struct RadixSortTests {
    @Test(arguments: [0, 1, 2, 255, 5000])
    func ordersAsTheStandardLibraryDoes(rows: Int) {
        var generator = RandomKey(seed: UInt64(rows)).generator()
        let least = Float.leastNonzeroMagnitude
        let special: [Float] = [0, -0.0, 1, -1, .infinity, -.infinity, least, -least, 3.4e38]
        let scores = (0..<rows).map { row in
            row.isMultiple(of: 5)
                ? special[row / 5 % special.count] : Float(generator.nextNormal()).rounded(.up)
        }
        let expected = scores.indices.sorted {
            scores[$0] == scores[$1] ? $0 < $1 : scores[$0] < scores[$1]
        }
        #expect(RadixSort.order(byScore: scores).map(Int.init) == expected)
    }

    @Test func sortingByGroupKeepsTheOrderWithin() {
        let rows: [UInt32] = [5, 3, 1, 0, 2, 4]
        let groups: [Int32] = [9, 1, 9, 1, 70_000, 9]
        #expect(RadixSort.order(rows, byGroup: groups) == [3, 1, 5, 0, 2, 4])
    }
}
