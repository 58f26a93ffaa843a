import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Profile faults") struct ProfileFaultTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A column of 40 values among which some are replaced.
    func column(_ planted: [String], name: String = "price") throws -> ColumnProfile {
        let usual = (0..<(planted.isEmpty ? 40 : 40 - planted.count)).map { "\($0).5" }
        let lines = (planted + usual).map { "x,\"\($0)\"" }
        let file = try folder.write(
            "log.csv",
            "k,\(name)\n" + lines.joined(separator: "\n") + "\n"
        )
        return try #require(try TableProfile(of: TableSource(file)).column(name))
    }

    @Test(
        arguments: [
            (["12,50", "7,5"], [.decimalComma]),
            (["1.234,50", "7,5"], [.removeThousands("."), .decimalComma]),
            (["1,234", "2,500"], [.removeThousands(",")]),
            (["1,234.50"], [.removeThousands(",")]),
            (["?", "?"], [.missing("?")]),
            (["cheap", "12,50"], [.missing("cheap"), .decimalComma]),
            ([" cheap "], [.trim, .missing("cheap")]),
            (["NA", "", "NaN"], []),
            ([" 12.5 "], []),
        ] as [([String], [TextRepair])]
    )
    func textAmongNumbersGetsARepair(planted: [String], repairs: [TextRepair]) throws {
        let column = try column(planted)
        #expect(column.guess.meaning == .numeric)
        #expect(column.guess.repairs == repairs)
        #expect(column.missing == planted.count { ["NA", "", "NaN"].contains($0) })
        for text in planted where column.guess.meaning == .numeric {
            let repaired = TextRepair.apply(repairs, to: text)
            #expect(
                repaired == nil || ["NA", "", "NaN"].contains(text)
                    || Double((repaired ?? "").trimmed) != nil
            )
        }
    }

    @Test func manyTextsAmongNumbersAreCategories() throws {
        #expect(try column((0..<10).map { "C\($0)" }).guess.meaning == .categorical)
        #expect(try column(["C1"], name: "invoice_no").guess.meaning != .numeric)
    }

    @Test func aNumberBelowZeroThatStandsAloneIsReported() throws {
        let column = try column(["-1", "-1"])
        #expect(column.guess.sentinel == -1)
        #expect(column.notes.contains { $0.hasPrefix("Only -1 is below 0") })
        #expect(try self.column(["-1", "-2"]).guess.sentinel == nil)
    }

    @Test func blanksAroundCategoriesAreReported() throws {
        let file = try folder.write("log.csv", "k,v\n1,red\n2,red \n3,blue\n4,blue\n")
        let column = try #require(try TableProfile(of: TableSource(file)).column("v"))
        #expect(column.distinct.value == 3)
        #expect(column.guess.repairs == [.trim])
        #expect(column.notes.first?.hasPrefix("1 value has blanks around:") == true)
    }

    @Test func wordsForMissingValuesAreReportedOnce() throws {
        let file = try folder.write("log.csv", "k,v,w\nNA,?,a\nr,?,b\ns,u,b\nr,u,a\n")
        let profile = try TableProfile(of: TableSource(file))
        #expect(profile.surelyMissing == ["?"])
        #expect(profile.notes.count { $0.hasPrefix("`?` is a value in v (2).") } == 1)
        #expect(profile.notes.count { $0.contains("say --missing NA") } == 1)
        let source = TableSource(file, csv: CSVOptions(nullSpellings: ["?"]))
        #expect(try TableProfile(of: source).column("v")?.missing == 2)
    }

    @Test func floatsThatAreNotFiniteAreCounted() throws {
        let path = folder.path + "/log.parquet"
        let writer = try TableWriter(
            path: path,
            columns: [ColumnDescription(name: "v", type: .float32)]
        )
        try writer.append([.float32([1.5, .nan, .infinity, -.infinity, 2.5, .nan])])
        try writer.finish()
        let column = try #require(try TableProfile(of: TableSource(path)).column("v"))
        #expect((column.notANumber, column.infinite, column.missing) == (2, 2, 0))
        #expect(column.spread?.count == 2)
        #expect(column.spread?.minimum == 1.5)
        #expect(column.spread?.maximum == 2.5)
        #expect(column.notes.count == 2)
    }

    @Test func listsAreCountedByElementAndFindTheirOwner() throws {
        let path = folder.path + "/log.parquet"
        let writer = try TableWriter(
            path: path,
            columns: [
                ColumnDescription(name: "item_id", type: .int32),
                ColumnDescription(name: "history", type: .list(.int32)),
            ]
        )
        let items = (0..<60).map { Int32($0 % 12) }
        let lists = (0..<60).map { row in (0..<(row % 4)).map { Int32(($0 + row) % 12) } }
        try writer.append([.int32(items), .list(lists)])
        try writer.finish()
        let history = try #require(try TableProfile(of: TableSource(path)).column("history"))
        #expect(history.guess.meaning == .sequence)
        #expect(history.guess.shares == "item_id")
        #expect(history.distinct.value == Set(lists.joined()).count)
        #expect(history.lengths?.count == 60)
        #expect(history.lengths?.maximum == 3)
        #expect(history.lengths?.mean == 1.5)
        #expect(history.frequent.map(\.count).reduce(0, +) <= 90)
    }

    @Test func largeIdsStayApart() throws {
        let path = folder.path + "/log.parquet"
        let writer = try TableWriter(
            path: path,
            columns: [ColumnDescription(name: "id", type: .int64)]
        )
        // Neighbours above 2^53, which no double tells apart.
        let ids = (0..<40).map { Int64(1) << 60 + Int64($0 % 10) }
        try writer.append([.int64(ids)])
        try writer.finish()
        let profile = try TableProfile(of: TableSource(path))
        #expect(profile.column("id")?.distinct.value == 10)
        #expect(profile.column("id")?.frequent.first?.value == "\(Int64(1) << 60)")
    }

    @Test func textsWithSeparatorsFindTheirOwnerToo() throws {
        var text = "item,basket_items\n"
        for row in 0..<60 {
            // Half of the rows have one of two lists of three: lengths count rows, not texts.
            let list = row % 2 == 1 ? "i\(row % 9)" : row % 4 == 0 ? "i1;i2;i3" : "i3;i1;i4"
            text += "i\(row % 9),\(list)\n"
        }
        let file = try folder.write("log.csv", text)
        let column = try #require(try TableProfile(of: TableSource(file)).column("basket_items"))
        #expect(column.guess.separator == ";")
        #expect(column.guess.shares == "item")
        #expect(column.lengths?.mean == 2)
    }

    @Test func anAnswerThatNeedsAnotherIsFound() throws {
        var text = "clicked,bought,returned,liked\n"
        for row in 0..<60 {
            let click = row % 2 == 0
            let bought = click && row % 3 == 0
            let returned = bought && row % 4 == 0
            text +=
                "\(click ? 1 : 0),\(bought ? "yes" : "no"),\(returned),\(row % 5 == 0 ? 1 : 0)\n"
        }
        let file = try folder.write("log.csv", text)
        let profile = try TableProfile(of: TableSource(file))
        let parents = profile.columns.map { $0.guess.label?.within }
        #expect(parents == [nil, "clicked", "bought", nil])
        // One purchase without a click, and nothing is nested in the click any more.
        let other = try folder.write("other.csv", text + "0,yes,false,0\n")
        let changed = try TableProfile(of: TableSource(other)).columns.map {
            $0.guess.label?.within
        }
        #expect(changed == [nil, nil, "bought", nil])
    }

    @Test func typesThatCannotBeReadAreLeftOut() throws {
        let profile = try TableProfile(of: TableSource(goldenData("nested.parquet")))
        #expect(profile.column("pair")?.guess.meaning == .unsupported)
        #expect(profile.column("id")?.distinct.value == 2)
    }
}
