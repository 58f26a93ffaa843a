import Foundation
import Motet
import Testing

@testable import MotetServing

/// What holds for all items of a request is computed once, and the scores are those of items computed whole.
@Suite("The user's work once a request") struct RequestOnceTests {
    /// A run without scenarios; the user's columns stand before the items'.
    static let shop = Result {
        try ServedShop(
            experiment: experiment,
            train: table(rows: 600, seed: 4),
            valid: table(rows: 200, seed: 5)
        )
    }

    private static let experiment = """
        name: once
        seed: 3
        data: { train: train.csv, validation: valid.csv }
        features:
          - { name: user_id, type: categorical, hash_buckets: 50, dimension: 8 }
          - { name: device, type: categorical, dimension: 4 }
          - { name: age, type: numeric, transform: [ { quantile_bins: 5 } ], dimension: 4, missing: own_bucket }
          - { name: item_id, type: categorical, hash_buckets: 80, dimension: 8 }
          - { name: brand, type: categorical, dimension: 4 }
          - { name: history, type: sequence, delimiter: "|", maximum_length: 5, dimension: 8 }
          - { name: price, type: numeric, transform: standardise }
          - { name: visits, type: numeric, transform: standardise, missing: median }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
          - { name: buy, label: bought, loss: binary_cross_entropy, metrics: [auc] }
        model: { architecture: mmoe, experts: 3, expert_units: [48, 40], tower_units: [16] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 2
          threads: 1
        evaluation: { resamples: 0 }

        """

    private static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text = "user_id,device,age,item_id,brand,history,price,visits,clicked,bought\n"
        for _ in 0..<rows {
            let (user, item) = (pick(30), pick(40))
            let history = (0..<pick(7)).map { _ in "i\(pick(40))" }.joined(separator: "|")
            let clicks = random.nextUniform() < Double(user % 5) / 8 + Double(item % 7) / 14
            let buys = clicks && random.nextUniform() < 0.2 + Double(item % 3) / 4
            text += "u\(user),\(["web", "app"][pick(2)]),\(pick(4) == 0 ? "" : "\(18 + pick(50))"),"
            text += "i\(item),b\(item % 6),\(history),\(1 + pick(90)),\(pick(9)),"
            text += "\(clicks ? 1 : 0),\(buys ? 1 : 0)\n"
        }
        return text
    }

    private static let user: [String: RawRows.Column] = [
        "user_id": .same(.text("u7")), "device": .same(.text("app")), "age": .same(.integer(33)),
        "history": .same(.list([.text("i3"), .text("i9"), .text("i4")])),
        "visits": .same(.integer(4)),
    ]

    private static func items(_ count: Int) -> [String: RawRows.Column] {
        [
            "item_id": .each((0..<count).map { .text("i\($0 % 43)") }),
            "brand": .each((0..<count).map { .text("b\($0 % 7)") }),
            "price": .each((0..<count).map { .number(Double(1 + $0 % 60)) }),
        ]
    }

    private struct Served {
        let predictor: RunPredictor
        let encoder: RowEncoder

        init(_ precision: ProductPrecision = .float32) throws {
            let run = try TrainedRun(try RequestOnceTests.shop.get().file("run"))
            predictor = try RunPredictor(run, engine: .oneDNN, precision: precision)
            encoder = try RowEncoder(run.fitted)
        }

        func scores(
            _ rows: RawRows,
            _ items: ItemRows? = nil,
            isExact: Bool = false
        ) throws -> (scores: [String: [Float]], once: Set<String>) {
            let batch = try predictor.batch(rows, items: items, isExact: isExact, encoder)
            return (try predictor.scores(batch), batch.once)
        }
    }

    @Test(arguments: [2, 13, 100])
    func scoresAreThoseOfItemsComputedWhole(_ count: Int) throws {
        let served = try Served()
        let rows = RawRows(
            count: count,
            columns: Self.user.merging(Self.items(count)) { user, _ in user }
        )
        let whole = try served.scores(rows, isExact: true)
        let once = try served.scores(rows)
        #expect(whole.once.isEmpty)
        // `numeric` has the price too, which is the item's.
        #expect(once.once == ["user_id", "device", "age", "history"])
        #expect(whole.scores["click"]?.count == count)
        #expect(Set(whole.scores["click"] ?? []).count > 1)
        // Sums of numbers below 10 are taken in two parts, and end in a sigmoid.
        #expect(worstDifference(whole.scores, once.scores) < 1e-6)
        // A planted fault: another user.
        var other = rows
        other.columns["user_id"] = .same(.text("u8"))
        #expect(worstDifference(whole.scores, try served.scores(other).scores) > 1e-5)
    }

    @Test func everyBitIsTheSameWhereTheUsersColumnsComeFirst() throws {
        let served = try Served()
        let count = 60
        var columns = Self.items(count)
        for name in ["user_id", "device", "age"] { columns[name] = Self.user[name] }
        columns["history"] = .each((0..<count).map { .list([.text("i\($0)")]) })
        columns["visits"] = .each((0..<count).map { .integer(Int64($0)) })
        let rows = RawRows(count: count, columns: columns)
        let once = try served.scores(rows)
        #expect(once.once == ["user_id", "device", "age"])
        #expect(once.scores == (try served.scores(rows, isExact: true).scores))
    }

    @Test func aTableOfItemsGivesTheScoresOfTheSameValuesInTheRequest() throws {
        let served = try Served()
        let table = try served.predictor.items(
            RawRows(count: 200, columns: Self.items(200)),
            served.encoder
        ) { "item \($0)" }
        #expect(table.columns == ["item_id", "brand", "price"])
        let chosen = [5, 199, 0, 5, 77, 42]
        let spelled = Self.items(200).mapValues { column in
            RawRows.Column.each(
                chosen.map { row in
                    if case .each(let values) = column { values[row] } else { .missing }
                }
            )
        }
        for isExact in [false, true] {
            let named = try served.scores(
                RawRows(count: chosen.count, columns: Self.user),
                ItemRows(table, rows: chosen),
                isExact: isExact
            )
            let carried = try served.scores(
                RawRows(
                    count: chosen.count,
                    columns: Self.user.merging(spelled) { user, _ in user }
                ),
                isExact: isExact
            )
            #expect(named.scores == carried.scores)
            #expect(named.once == carried.once)
            #expect(named.scores["buy"]?[0] == named.scores["buy"]?[3])
            #expect(named.scores["buy"]?[0] != named.scores["buy"]?[1])
        }
        // What the request says comes before the table.
        var own = Self.user
        own["brand"] = .each(chosen.indices.map { .text($0 == 1 ? "b0" : "b\(chosen[$0] % 7)") })
        let changed = try served.scores(
            RawRows(count: chosen.count, columns: own),
            ItemRows(table, rows: chosen)
        ).scores["click"]
        let plain = try served.scores(
            RawRows(count: chosen.count, columns: Self.user),
            ItemRows(table, rows: chosen)
        ).scores["click"]
        for row in chosen.indices {
            #expect((changed?[row] == plain?[row]) == (row != 1), "\(row)")
        }
    }

    /// What is computed of items alone is read from tables, whatever else a request brings.
    @Test func storedItemsGiveTheScoresOfItemsComputedWhole() throws {
        let served = try Served()
        func table(_ bytes: Int) throws -> EncodedItems {
            // A model this small would not be worth it.
            try served.predictor.items(
                RawRows(count: 1500, columns: Self.items(1500)),
                served.encoder,
                storedBytes: bytes,
                leastOperations: 1
            ) { "item \($0)" }
        }
        let (stored, plain) = (try table(1 << 20), try table(0))
        let chosen = [5, 1499, 0, 5, 1024, 1023, 42]
        var own = Self.user
        own["brand"] = .each(chosen.map { .text("b\(($0 + 1) % 7)") })
        var longer = Self.user
        longer["visits"] = .each(chosen.indices.map { .integer(Int64($0)) })
        for user in [Self.user, own, longer, [:]] {
            let rows = RawRows(count: chosen.count, columns: user)
            let whole = try served.scores(rows, ItemRows(plain, rows: chosen), isExact: true)
            let read = try served.scores(rows, ItemRows(stored, rows: chosen))
            // Sums of numbers below 10 are taken in three parts, and end in a sigmoid.
            #expect(worstDifference(whole.scores, read.scores) < 1e-6)
            // A planted fault: the items of other rows.
            let wrong = try served.scores(rows, ItemRows(stored, rows: chosen.map { 1499 - $0 }))
            #expect(worstDifference(whole.scores, wrong.scores) > 1e-4)
        }
        #expect(stored.storedBytes > 0 && stored.storedBytes <= 1 << 20)
        #expect(plain.storedBytes == 0)
        // What has no room is computed.
        let small = try table(1000)
        let rows = RawRows(count: chosen.count, columns: Self.user)
        let computed = try served.scores(rows, ItemRows(small, rows: chosen))
        #expect(small.storedBytes == 0)
        #expect(computed.scores == (try served.scores(rows, ItemRows(plain, rows: chosen)).scores))
    }

    @Test func manySetsOfColumnsAreAnsweredTheSame() throws {
        let served = try Served()
        let (count, names) = (9, Self.user.keys.sorted())
        for mask in 0..<32 {
            var columns = Self.items(count)
            for (place, name) in names.enumerated() {
                guard case .same(let value)? = Self.user[name] else { continue }
                columns[name] =
                    mask >> place & 1 == 1
                    ? .same(value) : .each([RawValue](repeating: value, count: count))
            }
            let rows = RawRows(count: count, columns: columns)
            let whole = try served.scores(rows, isExact: true).scores
            #expect(worstDifference(whole, try served.scores(rows).scores) < 1e-6, "\(mask)")
        }
    }

    @Test(.enabled(if: FrozenWeights.isSupported(.bfloat16), "the processor has no bfloat16"))
    func bfloat16AnswersNearlyTheSame() throws {
        let rows = RawRows(
            count: 100,
            columns: Self.user.merging(Self.items(100)) { user, _ in user }
        )
        let full = try Served().scores(rows).scores
        let half = try Served(.bfloat16).scores(rows).scores
        let worst = worstDifference(full, half)
        // Eight bits of the mantissa are left of inputs and weights.
        #expect(worst < 0.02)
        #expect(worst > 1e-6)
    }

    /// A request over HTTP with columns of the user, and the same with them in every item.
    private static func bodies() -> (once: String, whole: String) {
        let user =
            "\"user_id\":\"u7\",\"device\":\"app\",\"age\":33,\"history\":[\"i3\",\"i9\"],\"visits\":4"
        func items(_ more: String) -> String {
            (0..<40).map {
                "{\"id\":\($0),\"item_id\":\"i\($0)\",\"brand\":\"b\($0 % 7)\",\"price\":\($0 + 1)\(more)}"
            }.joined(separator: ",")
        }
        return (
            "{\"user\":{\(user)},\"items\":[\(items(""))]}", "{\"items\":[\(items("," + user))]}"
        )
    }

    private static func scores(_ server: RunningServer, _ body: String) async throws -> [Float] {
        let reply = try await server.post("/v1/score", body)
        #expect(reply.status == 200, "\(reply.text)")
        let items = try #require(try reply.json()["items"] as? [[String: Any]])
        return try items.flatMap { item in
            let scores = try #require(item["scores"] as? [String: Any])
            return try ["buy", "click"].map { try #require(scores[$0] as? NSNumber).floatValue }
        }
    }

    @Test func aServerThatIsExactComputesEveryItemWhole() async throws {
        let shop = try Self.shop.get()
        let (once, whole) = Self.bodies()
        let exact = try await RunningServer(shop) { $0.isExact = true }
        let fast = try await RunningServer(shop)
        let expected = try await Self.scores(exact, whole)
        #expect(expected.count == 80)
        #expect(try await Self.scores(exact, once) == expected)
        let found = try await Self.scores(fast, once)
        #expect((zip(found, expected).map { abs($0 - $1) }.max() ?? 1) < 1e-6)
        let body = try await fast.get("/readyz").json()
        #expect(body["precision"] as? String == "f32")
    }

    @Test(.enabled(if: FrozenWeights.isSupported(.bfloat16), "the processor has no bfloat16"))
    func aServerTellsThatItMultipliesBfloat16() async throws {
        let shop = try Self.shop.get()
        let server = try await RunningServer(shop) { $0.precision = .bfloat16 }
        #expect(try await server.get("/readyz").json()["precision"] as? String == "bf16")
        let half = try await Self.scores(server, Self.bodies().once)
        let full = try await Self.scores(try await RunningServer(shop), Self.bodies().once)
        let worst = zip(half, full).map { abs($0 - $1) }.max() ?? 1
        #expect(worst > 0 && worst < 0.02)
    }

    // MARK: A table of items

    /// The items of the table as CSV; 40 of them.
    private static func catalogue(_ more: String = "") -> String {
        "sku,item_id,brand,price,colour\n"
            + (0..<40).map { "s\($0),i\($0),b\($0 % 7),\($0 + 1),red\n" }.joined() + more
    }

    private static func served(
        _ table: String,
        _ file: String,
        _ configure: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        let shop = try shop.get()
        try shop.write(file, table)
        return try await RunningServer(shop) { settings in
            settings.items = ServingSettings.ItemFiles(files: [shop.file(file)], item: "sku")
            configure(&settings)
        }
    }

    private static let someone =
        "\"user\":{\"user_id\":\"u7\",\"device\":\"app\",\"age\":33,\"history\":[\"i3\"],\"visits\":4}"

    @Test func itemsOfTheTableNeedOnlyTheirNames() async throws {
        let server = try await Self.served(Self.catalogue(), "catalogue.csv")
        let names = [7, 39, 0, 7, 22].map { "{\"id\":\"s\($0)\"}" }.joined(separator: ",")
        let spelled = [7, 39, 0, 7, 22].map {
            "{\"id\":\"s\($0)\",\"item_id\":\"i\($0)\",\"brand\":\"b\($0 % 7)\",\"price\":\($0 + 1)}"
        }.joined(separator: ",")
        let named = try await server.post("/v1/score", "{\(Self.someone),\"items\":[\(names)]}")
        let carried = try await server.post(
            "/v1/score",
            "{\(Self.someone),\"items\":[\(spelled)]}"
        )
        #expect(named.status == 200, "\(named.text)")
        #expect(named.text == carried.text)
        #expect(Set(try await Self.scores(server, "{\"items\":[\(names)]}")).count > 4)
        // What the request says of an item, or of all, comes before the table.
        func text(_ user: String, _ item: String) async throws -> String {
            let reply = try await server.post(
                "/v1/score",
                "{\"user\":{\"user_id\":\"u7\"\(user)},\"items\":[{\"id\":\"s7\"\(item)},{\"id\":\"s8\"}]}"
            )
            #expect(reply.status == 200, "\(reply.text)")
            return reply.text
        }
        let plain = try await text("", "")
        #expect(try await text("", ",\"price\":8") == plain)
        #expect(try await text("", ",\"price\":80") != plain)
        #expect(try await text("", ",\"price\":null") == plain)
        #expect(try await text(",\"price\":80", "") != plain)
        #expect(
            try await text(",\"price\":80", ",\"price\":8")
                != (try await text(",\"price\":80", ""))
        )
    }

    @Test func itemsTheTableDoesNotHaveHaveWhatTheRequestSays() async throws {
        let server = try await Self.served(Self.catalogue(), "known.csv")
        let stranger = "{\"id\":\"new\",\"item_id\":\"i3\",\"brand\":\"b3\",\"price\":4}"
        let mixed = try await Self.scores(
            server,
            "{\(Self.someone),\"items\":[{\"id\":\"s3\"},\(stranger)]}"
        )
        #expect(mixed.count == 4)
        #expect(mixed[0] == mixed[2] && mixed[1] == mixed[3])
        let reply = try await server.post(
            "/v1/score",
            "{\(Self.someone),\"items\":[{\"id\":\"s3\"},{\"id\":\"new\"}]}"
        )
        #expect(reply.status == 400)
        #expect(try reply.error().code == "missing_value")
        #expect(reply.text.contains("items[1].price"), "\(reply.text)")
    }

    @Test func anExactServerKnowsTheItemsToo() async throws {
        let exact = try await Self.served(Self.catalogue(), "exact.csv") { $0.isExact = true }
        let fast = try await Self.served(Self.catalogue(), "fast.csv")
        let body = "{\(Self.someone),\"items\":[{\"id\":\"s3\"},{\"id\":\"s30\"},{\"id\":\"s9\"}]}"
        let (whole, once) = (
            try await Self.scores(exact, body), try await Self.scores(fast, body)
        )
        #expect(whole.count == 6)
        #expect((zip(whole, once).map { abs($0 - $1) }.max() ?? 1) < 1e-6)
    }

    @Test(arguments: [
        ("sku,price\na,1\nb,2\na,3\n", "there twice"), ("sku,price\na,1\n,2\n", "has no item"),
        ("sku,colour\na,red\n", "no column that the run reads"), ("sku,price\n", "no item"),
    ])
    func aTableThatCannotBeUsedIsToldAtTheStart(_ table: String, _ problem: String) throws {
        let shop = try Self.shop.get()
        let file = "bad-\(UUID().uuidString).csv"
        try shop.write(file, table)
        let run = try TrainedRun(shop.file("run"))
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let encoder = try RowEncoder(run.fitted)
        let error = #expect(throws: (any Error).self) {
            try ServedItems(
                ServingSettings.ItemFiles(files: [shop.file(file)], item: "sku"),
                predictor,
                encoder,
                isExact: false
            )
        }
        // A table without a row has no types either; its reader may say so first.
        if table.hasSuffix("price\n") { return }
        #expect((error as? ServingError)?.code == .itemsUnusable)
        #expect("\(try #require(error))".contains(problem), "\(String(describing: error))")
    }
}
