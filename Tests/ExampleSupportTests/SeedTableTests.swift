import ExampleSupport
import Motet
import Testing

@Suite("SeedTable") struct SeedTableTests {
    private func filled() -> SeedTable {
        var table = SeedTable(["accuracy": .higher, "error": .lower])
        for (seed, accuracy) in [(UInt64(0), 0.9), (1, 0.92), (2, 0.94)] {
            let (error, base) = (seed == 1 ? 0.3 : 0.1, 0.2)
            table.add(
                "multi-task",
                seed: seed,
                ["accuracy": accuracy, "error": error],
                parameters: 10,
                seconds: 2
            )
            table.add(
                "single-task",
                seed: seed,
                ["accuracy": accuracy - 0.01],
                parameters: 7,
                seconds: 1
            )
            table.add("single-task", seed: seed, ["error": base], parameters: 8, seconds: 1.5)
        }
        return table
    }

    @Test func aVariantOfSeveralModelsAddsUpTheirSizesAndTimes() {
        let lines = filled().plain().split(separator: "\n").map(String.init)
        #expect(
            lines[2].split(separator: " ").joined(separator: " ")
                == "multi-task 0.9200 +- 0.0200 0.1667 +- 0.1155 10 2.0"
        )
        #expect(
            lines[3].split(separator: " ").joined(separator: " ")
                == "single-task 0.9100 +- 0.0200 0.2000 +- 0.0000 15 2.5"
        )
    }

    @Test func aWinnerIsBetterWithEverySeed() {
        #expect(
            filled().verdict("multi-task", against: "single-task") == """
                accuracy: multi-task is ahead (+0.0100 on average; better with 3 of 3 seeds)
                error: open (-0.0333 on average; better with 2 of 3 seeds)
                """
        )
        #expect(
            filled().verdict("single-task", against: "multi-task").hasPrefix(
                "accuracy: multi-task is ahead (-0.0100 on average; better with 0 of 3 seeds)"
            )
        )
    }

    @Test func onlySeedsOfBothAreCompared() {
        var table = filled()
        table.add("multi-task", seed: 9, ["accuracy": 0.1], parameters: 10, seconds: 2)
        #expect(
            table.verdict("multi-task", against: "single-task").hasPrefix(
                "accuracy: multi-task is ahead (+0.0100 on average; better with 3 of 3 seeds)"
            )
        )
        #expect(table.verdict("multi-task", against: "nobody") == "")
    }
}
