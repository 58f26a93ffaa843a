import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("CSV detection") struct CSVDetectionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func profile(
        _ text: String,
        _ options: ProfileOptions = ProfileOptions()
    ) throws -> TableProfile {
        try TableProfile(of: TableSource(try folder.write("log.csv", text)), options: options)
    }

    @Test func anotherSeparatorIsFound() throws {
        let profile = try profile("id;price;name\n1;12,50;a\n2;7,25;b\n")
        #expect(profile.csv?.delimiter == ";")
        #expect(profile.columns.map(\.name) == ["id", "price", "name"])
        #expect(profile.column("price")?.guess.repairs == [.decimalComma])
        #expect(profile.notes[0] == "The separator is `;`, found in the first line.")
        #expect(try self.profile("a,b;c\n1,2\n").columns.count == 2)
    }

    @Test func aFirstLineOfValuesIsNoHeader() throws {
        let profile = try profile("38,Private,x\n44,Public,x\n")
        #expect(profile.csv?.hasHeader == false)
        #expect(profile.rows == 2)
        #expect(profile.columns.map(\.name) == ["column_1", "column_2", "column_3"])
        let told = try self.profile("38,b\n44,c\n", ProfileOptions(detects: []))
        #expect(told.columns.map(\.name) == ["38", "b"])
        #expect(try self.profile("0,1\n44,c\n").csv?.hasHeader == true)
    }

    @Test func blanksBehindSeparatorsAreRemoved() throws {
        let profile = try profile("age, work, pay\n38, Private, low\n44, Public, high\n")
        #expect(profile.csv?.trimsSpaces == true)
        #expect(profile.columns.map(\.name) == ["age", "work", "pay"])
        #expect(profile.column("work")?.frequent.map(\.value).sorted() == ["Private", "Public"])
    }

    func failure(_ paths: [String]) -> (ErrorCode, String)? {
        do {
            _ = try TableProfile(of: TableSource(paths))
            return nil
        } catch let error as TableError {
            return (error.code, error.description.replacing(folder.path + "/", with: ""))
        } catch {
            return nil
        }
    }

    @Test func badFilesAreSentences() throws {
        let empty = try folder.write("empty.csv", "")
        #expect(failure([empty])?.0 == .fileEmpty)
        let header = try folder.write("header.csv", "a,b\n")
        #expect(
            failure([header])?.1
                == "header.csv: no row follows the column names; expected at least one; received none."
        )
        let ragged = try folder.write("ragged.csv", "a,b\n1,2\n3\n")
        #expect(
            failure([ragged])?.1 == "ragged.csv:3: row has 1 field; expected 2, as in the header."
        )
        #expect(failure([folder.path + "/none.csv"])?.0 == .fileMissing)
        _ = try folder.write("nothing/readme.txt", "x")
        #expect(
            failure([folder.path + "/nothing"])?.1.hasPrefix("nothing: folder holds no table")
                == true
        )
    }

    @Test func filesOfOneTableHaveTheSameColumns() throws {
        let first = try folder.write("a.csv", "id,price\n1,2\n")
        let second = try folder.write("b.csv", "id,cost\n1,2\n")
        #expect(
            failure([first, second])?.1
                == "b.csv: other columns than in a.csv; expected `id`, `price`; received a file "
                + "without `price` and with `cost` besides. Describe them one by one."
        )
        #expect(failure([first, first])?.1.hasPrefix("a.csv: named twice;") == true)
        let third = try folder.write("c.csv", "id,price\n3,4\n")
        #expect(try TableProfile(of: TableSource([first, third])).rows == 2)
    }
}
