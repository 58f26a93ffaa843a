import ExampleSupport
import Testing

@Suite("PairedSeeds") struct PairedSeedsTests {
    /// Tables of Student's t: the quantile 0.975 to three digits.
    @Test(
        arguments: [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (30, 2.042)]
    )
    func quantilesAreThoseOfTheTables(freedom: Int, expected: Double) {
        let found = PairedSeeds.quantile(freedom: freedom)
        #expect(abs(found - expected) < 6e-4, "\(found)")
    }

    /// Differences 1, 2 and 3: mean 2, deviation 1, so 4.303 / sqrt 3 to either side.
    @Test func theIntervalIsThatOfTheDifferences() throws {
        let paired = try #require(PairedSeeds([(11, 10), (22, 20), (33, 30)]))
        #expect(paired.value == 22 && paired.base == 20 && paired.mean == 2)
        #expect(abs(paired.halfWidth - 4.3027 / 3.0.squareRoot()) < 1e-3)
        #expect(!paired.isClear)
        // What is common to both of a seed does not count.
        let steady = try #require(PairedSeeds([(11, 10), (101, 100.1), (31, 29.9)]))
        #expect(steady.isClear)
    }

    @Test func aPairAloneOrAValueThatIsNoneHasNoInterval() {
        #expect(PairedSeeds([(1, 2)]) == nil)
        #expect(PairedSeeds([(1, 2), (.nan, 2)]) == nil)
        #expect(PairedSeeds([(1, 2), (1, .infinity)]) == nil)
    }
}
