import MotetCore
import MotetRetrieval
import Testing

@Suite("Vector index") struct VectorIndexTests {
    private static func vectors(_ count: Int, _ dimension: Int, seed: UInt64) -> [Float] {
        var generator = RandomKey(seed: seed).generator()
        return (0..<count).flatMap { _ in
            let vector = (0..<dimension).map { _ in generator.nextNormal() }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { Float($0 / length) }
        }
    }

    /// All products in double precision, sorted.
    private static func sorted(
        _ vectors: [Float],
        _ dimension: Int,
        _ query: [Float]
    ) -> [(place: Int, product: Double)] {
        (0..<(vectors.count / dimension)).map { place in
            let product = (0..<dimension).reduce(0.0) {
                $0 + Double(query[$1]) * Double(vectors[place * dimension + $1])
            }
            return (place, product)
        }
        .sorted { ($1.product, $0.place) < ($0.product, $1.place) }
    }

    @Test(arguments: [1, 3, 16, 33])
    func anExactSearchFindsWhatSortingFinds(dimension: Int) throws {
        let vectors = Self.vectors(500, dimension, seed: 1)
        let index = try VectorIndex(vectors, dimension: dimension)
        for seed in 2..<12 as Range<UInt64> {
            let query = Self.vectors(1, dimension, seed: seed)
            let found = try index.nearest(to: query, limit: 20)
            let expected = Self.sorted(vectors, dimension, query).prefix(20)
            for (match, (place, product)) in zip(found, expected) {
                // Sums of floats, and one less: 1 - (1 - product).
                #expect(abs(Double(match.product) - product) < 1e-6)
                let isTied = expected.contains {
                    abs($0.product - product) < 1e-6 && $0.place != place
                }
                #expect(match.place == place || isTied)
            }
            #expect(found.count == 20)
        }
    }

    @Test func equalVectorsComeByTheirPlaces() throws {
        let index = try VectorIndex([0, 1, 1, 0, 0, 1, 1, 0], dimension: 2)
        let found = try index.nearest(to: [1, 0], limit: 4)
        #expect(found.map(\.place) == [1, 3, 0, 2])
        #expect(found.map(\.product) == [1, 1, 0, 0])
    }

    @Test func aGraphFindsNearlyAllOfTheExact() throws {
        let (count, dimension) = (5_000, 16)
        let vectors = Self.vectors(count, dimension, seed: 3)
        let exact = try VectorIndex(vectors, dimension: dimension)
        let graph = try VectorIndex(vectors, dimension: dimension, method: .graph(seed: 1))
        let poor = try VectorIndex(
            vectors,
            dimension: dimension,
            method: .graph(links: 2, construction: 2, search: 1, seed: 1)
        )
        func recall(_ index: VectorIndex) throws -> Double {
            var hits = 0
            for seed in 100..<200 as Range<UInt64> {
                let query = Self.vectors(1, dimension, seed: seed)
                let wanted = Set(try exact.nearest(to: query, limit: 10).map(\.place))
                hits += try index.nearest(to: query, limit: 10).count { wanted.contains($0.place) }
            }
            return Double(hits) / 1_000
        }
        let found = try recall(graph)
        #expect(found > 0.98, "\(found)")
        // The measure can tell: a graph with hardly a link finds much less.
        let less = try recall(poor)
        #expect(less < 0.8, "\(less)")
    }

    @Test func aGraphIsAFunctionOfVectorsAndSeed() throws {
        let vectors = Self.vectors(2_000, 8, seed: 4)
        let first = try VectorIndex(vectors, dimension: 8, method: .graph(seed: 7))
        let second = try VectorIndex(vectors, dimension: 8, method: .graph(seed: 7))
        for seed in 0..<20 as Range<UInt64> {
            let query = Self.vectors(1, 8, seed: seed)
            #expect(try first.nearest(to: query, limit: 50) == second.nearest(to: query, limit: 50))
        }
    }

    @Test func manyMayBeAskedForAndNoneMayBeThere() throws {
        let few = try VectorIndex(
            Self.vectors(3, 4, seed: 5),
            dimension: 4,
            method: .graph(seed: 1)
        )
        #expect(try few.nearest(to: [1, 0, 0, 0], limit: 100).count == 3)
        #expect(try few.nearest(to: [1, 0, 0, 0], limit: 0).isEmpty)
        for method in [SearchMethod.exact, try .graph(seed: 1)] {
            let empty = try VectorIndex([], dimension: 4, method: method)
            #expect(try empty.nearest(to: [1, 0, 0, 0], limit: 5).isEmpty)
        }
    }

    @Test func threadsMaySearchAtOnce() async throws {
        let vectors = Self.vectors(3_000, 16, seed: 6)
        for method in [SearchMethod.exact, try .graph(seed: 1)] {
            let index = try VectorIndex(vectors, dimension: 16, method: method)
            let queries = (0..<64 as Range<UInt64>).map { Self.vectors(1, 16, seed: 300 + $0) }
            let alone = try queries.map { try index.nearest(to: $0, limit: 10) }
            let together = try await withThrowingTaskGroup(of: (Int, [VectorIndex.Match]).self) {
                group in
                for (place, query) in queries.enumerated() {
                    group.addTask { (place, try index.nearest(to: query, limit: 10)) }
                }
                return try await group.reduce(into: [Int: [VectorIndex.Match]]()) {
                    $0[$1.0] = $1.1
                }
            }
            for (place, matches) in alone.enumerated() { #expect(together[place] == matches) }
        }
    }

    @Test func whatCannotBeSearchedIsAnError() throws {
        func sentence(_ body: () throws -> Void) -> String? {
            #expect(throws: RetrievalError.self, performing: body)?.description
        }
        #expect(
            sentence { _ = try VectorIndex([1, 2, 3], dimension: 2) }
                == "index: expected vectors of 2 numbers; received 3 numbers."
        )
        #expect(
            sentence { _ = try VectorIndex([1, 2, 3, .nan], dimension: 2) }
                == "index, vector 1: has no length; expected finite numbers whose squares have a finite sum; received nan among them."
        )
        let index = try VectorIndex([1, 2], dimension: 2)
        #expect(
            sentence { _ = try index.nearest(to: [1], limit: 1) }
                == "search: expected a vector of 2 finite numbers whose squares have a finite sum; received 1 numbers."
        )
        #expect(
            sentence { _ = try index.nearest(to: [1, .infinity], limit: 1) }
                == "search: expected a vector of 2 finite numbers whose squares have a finite sum; received 2 numbers without a finite sum of squares."
        )
        // Their inner product would be infinite, or no number at all.
        #expect(
            sentence { _ = try VectorIndex([1, 1, 3e19, -3e19], dimension: 2) }
                == "index, vector 1: has no length; expected finite numbers whose squares have a finite sum; received 3e+19 among them."
        )
        #expect(sentence { _ = try index.nearest(to: [3e19, 0], limit: 1) } != nil)
        #expect(
            sentence { _ = try SearchMethod.graph(links: 1, seed: 1) }
                == "search method \"graph\", links: out of range; expected from 2 to 128; received 1."
        )
    }
}
