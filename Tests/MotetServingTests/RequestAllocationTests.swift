import Motet
@testable import MotetExperiments
import Synchronization
import Testing

@testable import MotetServing

/// Between a request that was read and its scores no memory is asked for, once one like it was answered.
@Suite("Allocations of a request") struct RequestAllocationTests {
    /// How a request is computed.
    enum Way: CaseIterable, CustomTestStringConvertible {
        /// The request carries everything.
        case carried
        /// It carries everything, and every row is computed whole.
        case exact
        /// It names items of a table.
        case named
        /// It names items of a table that were computed beforehand.
        case computed

        var testDescription: String {
            switch self {
            case .carried: "carried"
            case .exact: "exact"
            case .named: "named"
            case .computed: "computed"
            }
        }
    }

    private let predictor: RunPredictor
    private let encoder: RowEncoder

    init() throws {
        let run = try TrainedRun(try RequestOnceTests.shop.get().file("run"))
        predictor = try RunPredictor(run, engine: .oneDNN)
        encoder = try RowEncoder(run.fitted)
    }

    private static func user(_ number: Int) -> [String: RawRows.Column] {
        [
            "user_id": .same(.text("u\(number)")),
            "device": .same(.text(number % 2 == 0 ? "app" : "web")),
            "age": .same(number % 3 == 0 ? .missing : .integer(Int64(20 + number))),
            "history": .same(.list((0..<(number % 5)).map { .text("i\($0 + number)") })),
            "visits": .same(.number(Double(number) / 3)),
        ]
    }

    private static func items(_ rows: [Int]) -> [String: RawRows.Column] {
        [
            "item_id": .each(rows.map { .text("i\($0)") }),
            "brand": .each(rows.map { $0 % 9 == 0 ? .missing : .text("b\($0 % 7)") }),
            "price": .each(rows.map { .number(Double(1 + $0 % 60)) }),
        ]
    }

    /// A request of a user and items of a table of 100.
    private func request(
        _ way: Way,
        _ table: EncodedItems,
        user: Int,
        items: [Int]
    ) -> (rows: RawRows, items: ItemRows?) {
        let own = Self.user(user)
        switch way {
        case .carried, .exact:
            let columns = own.merging(Self.items(items)) { user, _ in user }
            return (RawRows(count: items.count, columns: columns), nil)
        case .named, .computed:
            return (RawRows(count: items.count, columns: own), ItemRows(table, rows: items))
        }
    }

    private func table(_ way: Way) throws -> EncodedItems {
        try predictor.items(
            RawRows(count: 100, columns: Self.items(Array(0..<100))),
            encoder,
            storedBytes: way == .computed ? 1 << 20 : 0,
            leastOperations: 0
        ) { "item \($0)" }
    }

    @Test(.countsAllocations, arguments: Way.allCases)
    func aRequestLikeOneBeforeAsksForNoMemory(_ way: Way) throws {
        let table = try table(way)
        var sums = [Float](repeating: 0, count: predictor.tasks.count)
        func answer(_ request: (rows: RawRows, items: ItemRows?)) throws {
            let batch = try predictor.batch(
                request.rows,
                items: request.items,
                isExact: way == .exact,
                encoder
            )
            try predictor.scores(batch) { task, values in
                sums[task] = values.reduce(0, +)
            }
        }
        let first = request(way, table, user: 4, items: Array(10..<50))
        let other = request(way, table, user: 9, items: Array((20..<60).reversed()))
        let fewer = request(way, table, user: 3, items: [7, 99, 7])
        let more = request(way, table, user: 4, items: Array(0..<100))
        for request in [first, other, fewer] { try answer(request) }
        #expect(try allocations { try answer(first) } == 0)
        let one = sums.map { $0 }
        #expect(try allocations { try answer(other) } == 0)
        #expect(sums != one)
        _ = try allocations { try answer(fewer) }
        #expect(try allocations { try answer(fewer) } == 0)
        #expect(try allocations { try answer(first) } == 0)
        #expect(sums == one)
        // What was never asked for needs memory once.
        #expect(try #require(allocations { try answer(more) }) > 0)
        #expect(try allocations { try answer(more) } == 0)
    }

    @Test(arguments: Way.allCases)
    func memoryThatWasUsedBeforeGivesTheSameScores(_ way: Way) throws {
        let table = try table(way)
        let fresh = try RunPredictor(predictor.run, engine: .oneDNN)
        var random = RandomKey(seed: 11).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        for _ in 0..<60 {
            let items = (0..<(1 + pick(40))).map { _ in pick(100) }
            let request = request(way, table, user: pick(30), items: items)
            // A value that cannot be encoded leaves nothing behind.
            var wrong = request.rows
            wrong.columns["visits"] = .same(.list([]))
            #expect(throws: PreparationError.self) {
                let batch = try predictor.batch(
                    wrong,
                    items: request.items,
                    isExact: way == .exact,
                    encoder
                )
                _ = try predictor.scores(batch)
            }
            let batch = try predictor.batch(
                request.rows,
                items: request.items,
                isExact: way == .exact,
                encoder
            )
            fresh.programs.withLock { $0 = [] }
            let apart = try fresh.batch(
                request.rows,
                items: request.items,
                isExact: way == .exact,
                encoder
            )
            #expect(try predictor.scores(batch) == fresh.scores(apart))
        }
    }

    @Test func twoRequestsAtOnceHaveMemoryOfTheirOwn() throws {
        let table = try table(.named)
        let one = request(.named, table, user: 1, items: [1, 2, 3])
        let two = request(.named, table, user: 2, items: [4, 5, 6])
        func alone(_ request: (rows: RawRows, items: ItemRows?)) throws -> [String: [Float]] {
            let batch = try predictor.batch(
                request.rows,
                items: request.items,
                isExact: false,
                encoder
            )
            return try predictor.scores(batch)
        }
        let expected = (try alone(one), try alone(two))
        let first = try predictor.batch(one.rows, items: one.items, isExact: false, encoder)
        let second = try predictor.batch(two.rows, items: two.items, isExact: false, encoder)
        #expect(try predictor.scores(first) == expected.0)
        #expect(try predictor.scores(second) == expected.1)
        #expect(try predictor.scores(first) == expected.0)
    }
}
