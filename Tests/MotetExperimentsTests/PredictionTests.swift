import Foundation
import Motet
import Testing

@Suite("Prediction") struct PredictionTests {
    @Test(arguments: ["csv", "parquet", "arrow"])
    func everyRowGetsItsColumnsInOrder(format: String) throws {
        let place = try Workplace()
        try place.train()
        let output = place.file("out." + format)
        let result = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("test.csv")],
            output: output,
            batchSize: 64
        )
        #expect(result.rowCount == 300)
        #expect(result.columns == ["row", "click", "purchase"])
        let reader = try TableReader(TableSource(output))
        var rows = 0
        while let batch = try reader.next() { rows += batch.rowCount }
        #expect(rows == 300)
        #expect(reader.schema.map(\.name) == ["row", "click", "purchase"])
    }

    @Test func unknownIdsAreCountedAndLabelsNotNeeded() throws {
        let place = try Workplace()
        try place.train()
        try place.write(
            "new.csv",
            "row,market,user_id,item_id,history,price\na,home,stranger,i1,1 2,3\nb,mail,u1,i2,,4\n"
        )
        let result = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("new.csv")],
            output: place.file("out.csv")
        )
        #expect(result.rowCount == 2)
        let unknown = result.preparation.unknownValues.first { $0.rule == "user_id" }
        #expect(unknown?.changed == 1)
        let lines = try place.text("out.csv").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("\"a\","))
    }

    @Test func aMissingColumnIsASentenceAndLeavesNoFile() throws {
        let place = try Workplace()
        try place.train()
        try place.write("new.csv", "row,market,user_id,item_id,history\na,home,u1,i1,1\n")
        let message = sentence {
            _ = try Workplace.runner.predict(
                place.file("run"),
                files: [place.file("new.csv")],
                output: place.file("out.csv")
            )
        }
        #expect(message.contains("feature \"price\": there is no column `price`"))
        #expect(!place.contents.contains { $0.hasPrefix("out") })
    }

    @Test func aTaskWithClassesGetsItsClassAndProbability() throws {
        let place = try Workplace()
        try place.replace(
            "- { name: purchase, label: purchased, within: click, loss: binary_cross_entropy, metrics: [auc] }",
            "- { name: place, label: market, loss: categorical_cross_entropy }"
        )
        try place.train()
        let result = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("test.csv")],
            output: place.file("out.csv")
        )
        #expect(result.columns == ["row", "click", "place", "place_probability"])
        let fields = try place.text("out.csv").split(separator: "\n")[1].split(separator: ",")
        #expect(["\"home\"", "\"search\"", "\"mail\""].contains(String(fields[2])))
        #expect((1.0 / 3...1).contains(Double(fields[3]) ?? 0))
    }
}
