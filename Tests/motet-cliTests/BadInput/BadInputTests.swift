import Foundation
import Testing

@Suite("Bad input") struct BadInputTests {
    static let cases =
        BadInput.data + BadInput.configuration + BadInput.runs + BadInput.disks
        + BadInput.embeddings + BadInput.comparisons + BadInput.simulations
        + BadInput.onlineFeatures + BadInput.together + BadInput.policies
        + BadInput.panels

    @Test(arguments: cases)
    func oneSentenceAnExitCodeAndNothingChanged(input: BadInput) throws {
        let shop = try Shop()
        try input.arrange(shop)
        let before = shop.contents(cache: !input.keepsCache)
        let result = try Program.run(
            input.arguments,
            in: shop.path,
            fileBlocks: input.fileBlocks
        )
        #expect(result.status == input.status)
        #expect(
            input.isSaid(in: result.errors, folder: shop.path),
            "expected: \(input.sentence)\nreceived: \(result.errors)"
        )
        #expect(result.output.isEmpty)
        let after = shop.contents(cache: !input.keepsCache)
        #expect(after == before, "changed: \(Self.changes(before, after))")
        #expect(shop.halfWritten.isEmpty)
    }

    private static func changes(_ before: [String: Data], _ after: [String: Data]) -> [String] {
        Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
    }

    @Test func anIdBeyondTheVocabularyIsUnknownAndCounted() throws {
        let shop = try Shop()
        try shop.train()
        try shop.write("new.csv", "place,user,price\nhome,stranger,3\nmail,u3,4\nmail,other,5\n")
        let result = try Program.run(BadInput.predict, in: shop.path)
        #expect(result.status == 0)
        #expect(
            result.output.contains("user: 2 values outside the vocabulary, taken as unknown\n"),
            "\(result.output)"
        )
        #expect(try shop.text("out.csv").split(separator: "\n").count == 4)
    }

    /// ReLU turns NaN into 0: the loss stays finite where the gradients do not.
    @Test(
        "A loss that is not finite is placed, and the last good state kept",
        arguments: [
            ("swish", "task \"click\": the loss became NaN"),
            ("relu", "training: the sum of squares of the gradients became NaN"),
        ]
    )
    func lossNotFinite(activation: String, what: String) throws {
        let shop = try Shop()
        try shop.replace("tower_units: [4]", "tower_units: [4], activation: \(activation)")
        try shop.replace("adam, learning_rate: 1.0e-2", "sgd, learning_rate: 1.0e+30")
        let result = try Program.run(BadInput.train, in: shop.path)
        #expect(result.status == 4)
        let sentence =
            "\(what) at step 2; the first result that is not finite is in mmoe_1/experts/dense_1. "
            + "The parameters of the step before are kept. Try a lower learning rate, clip_norm: 1, or look "
            + "for extreme values in the features.\n"
        #expect(result.errors.hasSuffix(sentence), "\(result.errors)")
        #expect(shop.halfWritten.isEmpty)
        #expect(!shop.contents(cache: false).keys.contains("run/parameters.safetensors"))
        // What is kept can be read: a resumed run starts from it, and fails in the same step.
        let resumed = try Program.run(BadInput.resume, in: shop.path)
        #expect(resumed.status == 4)
        #expect(resumed.errors.hasSuffix(sentence), "\(resumed.errors)")
    }

    @Test func aRunWhoseDiskWasFullGoesOnToTheSameEnd() throws {
        let shop = try Shop()
        try shop.replace("epochs: 1", "epochs: 8")
        try shop.train()
        let parameters = shop.contents(cache: false)["run/parameters.safetensors"]
        let history = try shop.text("run/history.jsonl").split(separator: "\n").count
        // The checkpoint holds the history and grows with it: the last of these is too large.
        let size = shop.contents(cache: false)["run/checkpoints/last.safetensors"]?.count ?? 0
        try shop.remove("run")
        let failed = try shop.motet(
            "train",
            "shop.yaml",
            "--output",
            "run",
            fileBlocks: size / 512 - 1
        )
        #expect(failed.status == 5)
        #expect(
            failed.errors.hasSuffix(
                "file \"run/checkpoints/last.safetensors\": cannot be written: File too large. What was "
                    + "there is kept.\n"
            ),
            "\(failed.errors)"
        )
        #expect(shop.halfWritten.isEmpty)
        let resumed = try Program.run(BadInput.resume, in: shop.path)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(shop.contents(cache: false)["run/parameters.safetensors"] == parameters)
        #expect(try shop.text("run/history.jsonl").split(separator: "\n").count == history)
    }
}
