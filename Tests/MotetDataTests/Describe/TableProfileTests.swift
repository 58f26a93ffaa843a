import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Table profile") struct TableProfileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func profile(
        _ text: String,
        name: String = "log.csv",
        options: ProfileOptions = ProfileOptions()
    ) throws -> TableProfile {
        try TableProfile(of: TableSource(try folder.write(name, text)), options: options)
    }

    /// Columns of each kind, 200 rows.
    static let shop: String = {
        var text =
            "row,user_id,country,price,bought,clicked,ts,day,tags,note,sku,weight,always,never,zip,stars\n"
        for row in 0..<200 {
            let user = (row * 7) % 23
            let tags = (0...(row % 4)).map { "t\((row + $0) % 6)" }.joined(separator: "|")
            let fields = [
                "\(row)", "\(1_000 + user)", ["uk", "de", "fr"][row % 3],
                "\(Double(row % 90) + 0.25)", ["no", "yes"][row % 5 == 0 ? 1 : 0],
                "\(row % 2)", "\(1_300_000_000 + row * 60)", "2011-0\(1 + row % 9)-01", tags,
                "these words are note \(row) of many", "A\(row % 40)-x", "\(0.5 + Double(row % 3))",
                "same", "", "0\(row % 70 + 100)", "\(1 + row % 5)",
            ]
            text += fields.joined(separator: ",") + "\n"
        }
        return text
    }()

    @Test(
        arguments: [
            ("row", "int64", .rowIdentifier, ""), ("user_id", "int64", .categorical, "integer id"),
            ("country", "string", .categorical, "text"), ("price", "float64", .numeric, "number"),
            ("bought", "string", .label, "yes/no"), ("clicked", "int64", .label, "yes/no"),
            ("ts", "int64", .time, "seconds since 1970"), ("day", "timestamp", .time, "date"),
            ("tags", "string", .sequence, "text, separator `|`"), ("note", "string", .text, ""),
            ("sku", "string", .categorical, "text"), ("weight", "float64", .weight, ""),
            ("always", "string", .constant, ""), ("never", "empty", .empty, ""),
            ("zip", "string", .categorical, "code"), ("stars", "int64", .label, "rating"),
        ] as [(String, String, ColumnGuess.Meaning, String)]
    )
    func columnsAreRecognised(
        name: String,
        type: String,
        meaning: ColumnGuess.Meaning,
        detail: String
    ) throws {
        let column = try #require(try profile(Self.shop).column(name))
        #expect(column.type == type)
        #expect(column.guess.meaning == meaning)
        #expect(column.guess.detail == detail)
    }

    @Test func labelsAreCountedAndGetTheirRule() throws {
        let shop = try profile(Self.shop)
        let bought = try #require(shop.column("bought")?.guess.label)
        #expect(bought.positive == "== \"yes\"")
        #expect(bought.positives == 40)
        let clicked = try #require(shop.column("clicked")?.guess.label)
        #expect(clicked.positive == nil)
        #expect(clicked.positives == 100)
        let stars = try #require(shop.column("stars")?.guess.label)
        #expect(stars.positive == ">= 4")
        #expect(stars.positives == 80)
    }

    /// Counts and quantiles by sorting, as NumPy's default does.
    @Test(arguments: RandomKey.seeds(4))
    func countsAndQuantilesAreExact(key: RandomKey) throws {
        var random = key.generator()
        let numbers: [Double?] = (0..<3_000).map { _ in
            let draw = random.nextUniform()
            return draw < 0.1 ? nil : (random.nextNormal() * 40).rounded() / 4
        }
        let text = numbers.map { $0.map { "\($0)" } ?? "" }.map { "x,\($0)" }
        let column = try #require(
            try profile("k,v\n" + text.joined(separator: "\n") + "\n").column("v")
        )
        let sorted = numbers.compactMap { $0 }.sorted()
        #expect(column.missing == numbers.count { $0 == nil })
        #expect(column.distinct == .init(value: Set(sorted).count, isExact: true))
        let spread = try #require(column.spread)
        #expect(spread.isExact)
        #expect(spread.count == sorted.count)
        #expect(spread.minimum == sorted.first)
        #expect(spread.maximum == sorted.last)
        for (level, value) in zip(ColumnProfile.Spread.levels, spread.quantiles) {
            let position = level * Double(sorted.count - 1)
            let (low, high) = (sorted[Int(position)], sorted[Int(position) + 1])
            let expected = low + (high - low) * (position - Double(Int(position)))
            #expect(abs(value - expected) < 1e-12)
        }
        let mean = sorted.reduce(0, +) / Double(sorted.count)
        #expect(abs(spread.mean - mean) < 1e-9)
        let top = try #require(column.frequent.first)
        let counts = Dictionary(grouping: sorted) { $0 }.mapValues(\.count)
        #expect(top.count == counts.values.max())
        #expect(counts[try #require(Double(top.value))] == top.count)
    }

    @Test func beyondTheBoundCountsAreEstimatesAndEndsExact() throws {
        // 120,000 different numbers and one that comes 30,000 times.
        var lines = (0..<120_000).map { "\(($0 * 7_919) % 120_000)" }
        for index in 0..<30_000 { lines[index * 4] += "\n500000" }
        let limits = TableProfile.Limits(distinct: 2_000, sample: 8_192)
        let column = try #require(
            try profile(
                "v\n" + lines.joined(separator: "\n") + "\n",
                options: ProfileOptions(limits: limits)
            ).column("v")
        )
        #expect(!column.distinct.isExact)
        // Four standard errors of 0.8 %.
        #expect(abs(Double(column.distinct.value) / 120_001 - 1) < 0.033)
        let spread = try #require(column.spread)
        #expect(!spread.isExact)
        #expect(spread.count == 150_000)
        #expect((spread.minimum, spread.maximum) == (0, 500_000))
        // The exact quantiles are 150,000 q below 0.8; a sample of 8,192 is off by 0.0055 in rank.
        for (level, value) in zip([0.05, 0.25, 0.5, 0.75], spread.quantiles) {
            #expect(abs(value / 150_000 - level) < 0.022)
        }
        #expect(column.frequent.first == .init(value: "500000", count: 30_000, share: 0.2))
    }

    @Test func sameSeedGivesTheSameProfile() throws {
        let limits = TableProfile.Limits(distinct: 10, sample: 20)
        let options = ProfileOptions(limits: limits)
        #expect(try profile(Self.shop, options: options) == profile(Self.shop, options: options))
    }

    @Test func equalRowsAreCounted() throws {
        let rows = ["a,1", "b,2", "a,1", "a,2", ",1", "a,1", ",1"]
        let shop = try profile("k,v\n" + rows.joined(separator: "\n") + "\n")
        #expect(shop.duplicates == 3)
        #expect(shop.notes.contains { $0.hasPrefix("3 rows equal an earlier row") })
        let limits = TableProfile.Limits(distinct: 100, rows: 2)
        let few = try profile(
            "k,v\n" + rows.joined(separator: "\n") + "\n",
            options: ProfileOptions(limits: limits)
        )
        #expect((few.duplicates, few.duplicatesAmong) == (0, 2))
    }

    @Test func aSampleIsTheFirstRows() throws {
        let shop = try profile(Self.shop, options: ProfileOptions(rows: 20))
        #expect(shop.rows == 20)
        #expect(shop.isPartial)
        #expect(shop.column("row")?.spread == nil || shop.column("row")?.spread?.maximum == 19)
        #expect(shop.methods[0] == "Only the first 20 rows were looked at, as asked.")
        let all = try profile(Self.shop, options: ProfileOptions(rows: 200))
        #expect(all.rows == 200)
        #expect(!all.isPartial)
    }
}
