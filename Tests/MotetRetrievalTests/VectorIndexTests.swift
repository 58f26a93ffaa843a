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

    @Test func anIndexOfAGraphsLinksAnswersAsTheOneThatMadeThem() throws {
        let vectors = Self.vectors(3_000, 8, seed: 4)
        let method = try SearchMethod.graph(links: 5, seed: 7)
        let made = try VectorIndex(vectors, dimension: 8, method: method)
        let links = made.links
        // Layers above the lowest are among them.
        #expect(links[1] > 1)
        let again = try VectorIndex(vectors, dimension: 8, method: method, links: links)
        #expect(again.links == links)
        for seed in 0..<40 as Range<UInt64> {
            let query = Self.vectors(1, 8, seed: seed)
            #expect(try made.nearest(to: query, limit: 50) == again.nearest(to: query, limit: 50))
        }
        // A search that looks at more candidates takes the same graph.
        let wide = try SearchMethod.graph(links: 5, search: 500, seed: 7)
        let wider = try VectorIndex(vectors, dimension: 8, method: wide, links: links)
        let built = try VectorIndex(vectors, dimension: 8, method: wide)
        let query = Self.vectors(1, 8, seed: 99)
        #expect(try wider.nearest(to: query, limit: 50) == built.nearest(to: query, limit: 50))
        #expect(try VectorIndex(vectors, dimension: 8).links == [])
        let none = try VectorIndex([], dimension: 8, method: method)
        #expect(none.links == [])
        #expect(try VectorIndex([], dimension: 8, method: method, links: []).count == 0)
    }

    @Test func linksThatAreNotThoseOfTheVectorsAreRefused() throws {
        let vectors = Self.vectors(200, 4, seed: 8)
        let method = try SearchMethod.graph(links: 3, seed: 2)
        let links = try VectorIndex(vectors, dimension: 4, method: method).links
        func sentence(_ links: [UInt32], _ method: SearchMethod = method) -> String? {
            #expect(throws: RetrievalError.self) {
                _ = try VectorIndex(vectors, dimension: 4, method: method, links: links)
            }?.description
        }
        func changed(_ place: Int, _ value: UInt32) -> [UInt32] {
            var links = links
            links[place] = value
            return links
        }
        // The first vector: its layers, its number of links, and the first of them.
        let top = links[1]
        #expect(sentence([]) == "index: the links end too early.")
        #expect(sentence(links.dropLast()) == "index: the links end too early.")
        #expect(sentence(links + [0]) == "index: there is more behind the links.")
        #expect(sentence(changed(0, 200)) == "index: the first vector is none.")
        #expect(sentence(changed(1, 64)) == "index: there are too many layers.")
        #expect(sentence(changed(2, top + 1)) == "index: a vector has too many layers.")
        #expect(sentence(changed(3, 7)) == "index: a vector has too many links.")
        #expect(sentence(changed(4, 200)) == "index: a link leads nowhere.")
        #expect(sentence(changed(1, top + 1)) == "index: a link leads out of its layer.")
        #expect(sentence(links, .exact) == "index: an exact search has no links.")
    }

    @Test func noSearchFollowsDamagedLinks() throws {
        let (count, dimension) = (300, 4)
        let vectors = Self.vectors(count, dimension, seed: 9)
        let method = try SearchMethod.graph(links: 4, seed: 2)
        let links = try VectorIndex(vectors, dimension: dimension, method: method).links
        let queries = (0..<4 as Range<UInt64>).map { Self.vectors(1, dimension, seed: $0) }
        var random = RandomKey(seed: 10).generator()
        var taken = 0
        for _ in 0..<2_000 {
            var changed = links
            for _ in 0..<(1 + Int(random.nextUniform() * 3)) {
                let place = Int(random.nextUniform() * Double(changed.count))
                let most: Double = random.nextUniform() < 0.5 ? 400 : 4e9
                changed[place] = UInt32(random.nextUniform() * most)
            }
            guard
                let index = try? VectorIndex(
                    vectors,
                    dimension: dimension,
                    method: method,
                    links: changed
                )
            else { continue }
            taken += 1
            for query in queries {
                for match in try index.nearest(to: query, limit: 20) {
                    #expect(match.place >= 0 && match.place < count)
                }
            }
        }
        // Links to another vector of the layer are as good as any: many changed ones are read.
        #expect(taken > 100 && taken < 2_000, "\(taken)")
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
