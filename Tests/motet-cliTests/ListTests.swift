import Foundation
import Motet
import Testing

/// Models that read a list step by step, from the command line.
@Suite("Lists on the command line") struct ListTests {
    private static let readers = [
        "pooled": "",
        "din": "{ din: { history: seen, candidate: user, units: [4] } }",
        "dice": "{ din: { history: seen, candidate: user, units: [4], activation: dice } }",
        "dien": "{ dien: { history: seen, candidate: user } }",
        "sasrec": "{ sasrec: { history: seen, layers: 1 } }",
        "bst": "{ bst: { history: seen, candidate: user } }",
    ]

    /// A shop whose rows have lists of users, and a comparison of everything that reads them.
    private func shop() throws -> Shop {
        let shop = try Shop.compared()
        for name in ["train.csv", "valid.csv", "test.csv"] {
            let lines = try shop.text(name).split(separator: "\n")
            let longer = lines.enumerated().map { number, line in
                guard number > 0 else { return line + ",seen" }
                let seen = (0..<(number % 5)).map { "u\((number * 3 + $0 * $0) % 11)" }
                return line + "," + seen.joined(separator: " ")
            }
            try shop.write(name, longer.joined(separator: "\n") + "\n")
        }
        try shop.replace(
            "tasks:",
            "  - { name: seen, type: sequence, shares: user, delimiter: \" \", maximum_length: 3 }\ntasks:"
        )
        let options = Self.readers.sorted { $0.key < $1.key }.map { name, reader in
            "    \(name): { architecture: shared_bottom, bottom_units: [8], tower_units: [4], "
                + "interactions: [\(reader)] }\n"
        }
        try shop.replace(
            "  training.weighting: [fixed, dwa]\n",
            "  model:\n" + options.joined(),
            in: "compare.yaml"
        )
        try shop.replace("of: fixed", "of: din", in: "compare.yaml")
        try shop.replace("seeds: [1, 2]", "seeds: [1]", in: "compare.yaml")
        try shop.replace("trials: 3", "trials: 2", in: "compare.yaml")
        return shop
    }

    @Test func everyReaderIsComparedEvaluatedAndPredictsWith() throws {
        let shop = try shop()
        let result = try shop.compare()
        #expect(result.status == 0, "\(result.errors)")
        let report = try shop.report()
        #expect(report.runs.allSatisfy { $0.state == .finished })
        var seen: [String: [[Float]]] = [:]
        for (name, reader) in Self.readers {
            let cell = try #require(report.cell(name))
            let run = RunDirectory(shop.file("all/" + cell.runs[0].path))
            let interactions = try run.experiment().model.interactions
            #expect(interactions.count == (reader.isEmpty ? 0 : 1))
            // What the comparison predicts, the run measures in a process of its own, and again.
            let measured = try #require(try run.metrics().test)
            let evaluated = try shop.motet("evaluate", run.path, "--format", "json")
            #expect(evaluated.status == 0, "\(evaluated.errors)")
            let again = try JSONDecoder().decode(
                MetricReport.self,
                from: Data(evaluated.output.utf8)
            )
            for entry in cell.entries {
                func value(_ report: MetricReport) -> Double? {
                    report.entries.first {
                        $0.task == entry.task && $0.metric == entry.metric
                            && $0.scenario == entry.scenario
                    }?.estimate.value.value
                }
                #expect(entry.bySeed == [value(measured)] && value(measured) == value(again))
            }
            let predicted = try shop.motet(
                "predict",
                run.path,
                "--input",
                "test.csv",
                "--output",
                "out.csv"
            )
            #expect(predicted.status == 0, "\(predicted.errors)")
            let answers = try shop.text("out.csv").split(separator: "\n").dropFirst().map {
                $0.split(separator: ",").compactMap { Float($0) }
            }
            #expect(answers.count == 60)
            #expect(answers.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isFinite) })
            seen[name] = answers
        }
        // Each reads the list in a way of its own.
        #expect(Set(seen.values).count == Self.readers.count)
    }

    @Test func aListThatIsNotThereIsToldForItsCell() throws {
        let shop = try shop()
        try shop.replace(
            "dien: { history: seen,",
            "dien: { history: sen,",
            in: "compare.yaml"
        )
        let result = try shop.compare()
        #expect(result.status == 3)
        let says =
            "cell \"dien\", model: `dien` reads a list there is not; expected a feature of type sequence, one "
            + "of [\"seen\"]; received `sen`. Did you mean `seen`?"
        #expect(result.errors.contains(says), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: shop.file("all")))
    }
}
