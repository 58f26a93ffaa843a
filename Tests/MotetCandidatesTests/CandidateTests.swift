import MotetCandidates
import MotetCore
import Testing

@Suite("Candidates") struct CandidateTests {
    @Test func eachItemStandsOnceAndRemembersEverySource() {
        var list = CandidateList(limit: 10)
        list.add("a", place: 0, source: 0, rank: 0, score: 2)
        list.add("b", place: 1, source: 0, rank: 1, score: 1)
        list.add("b", place: 1, source: 1, rank: 0)
        list.add("c", place: nil, source: 1, rank: 1)
        list.add("a", place: 0, source: 2, rank: 5, score: 7)
        list.add("a", place: 0, source: 2, rank: 6, score: 8)
        #expect(list.candidates.map(\.item) == ["a", "b", "c"])
        #expect(list.candidates.map(\.place) == [0, 1, nil])
        #expect(list.candidates[0].origins.map(\.source) == [0, 2])
        #expect(list.candidates[0].origins.map(\.rank) == [0, 5])
        #expect(list.candidates[0].origins.map(\.score) == [2, 7])
        #expect(list.candidates[1].origins.map(\.source) == [0, 1])
        #expect(list.leftOut == 0)
    }

    @Test func aFullListTakesNoItemsButFurtherSources() {
        var list = CandidateList(limit: 2)
        for item in ["a", "b", "c", "d", "c"] {
            list.add(item, place: nil, source: 0, rank: 0)
        }
        list.add("b", place: nil, source: 1, rank: 0)
        #expect(list.candidates.map(\.item) == ["a", "b"])
        #expect(list.candidates[1].origins.map(\.source) == [0, 1])
        #expect(list.leftOut == 2)
    }

    @Test func theMostWantedComeFirstAsInAnInsertionSort() {
        var random = RandomKey(seed: 8).generator()
        let counts = (0..<200).map { place in
            place % 11 == 0 ? .nan : (random.nextUniform() * 20).rounded(.down) - 3
        }
        for limit in [1, 10, 500] {
            let popular = PopularItems(counts, limit: limit)
            var naive: [Int] = []
            for place in counts.indices where counts[place] > 0 {
                let position = naive.firstIndex { counts[$0] < counts[place] } ?? naive.count
                naive.insert(place, at: position)
            }
            #expect(popular.places == Array(naive.prefix(limit)))
            #expect(popular.counts == popular.places.map { counts[$0] })
        }
        #expect(PopularItems([0, -1, .nan], limit: 5).places.isEmpty)
    }
}
