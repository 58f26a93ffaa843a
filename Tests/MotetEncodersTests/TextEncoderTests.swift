import Foundation
import MotetCore
import MotetData
import MotetEncoders
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

/// A small encoder as a layer and in bulk, against PyTorch.
@Suite("Text encoder") struct TextEncoderTests {
    private static func model(
        _ tiny: TinyEncoder,
        _ training: TextEncoder.Training = .frozen,
        output: TextEncoder.Output = .sentence
    ) throws -> Model {
        let width = try tiny.tensor("ids").shape[1]
        let ids = try Input("ids", shape: [width], dtype: .int32)
        let layer = TextEncoder(
            try tiny.load(),
            training: training,
            output: output,
            name: "encoder"
        )
        return try Model(inputs: [ids], outputs: ["vector": layer(ids)])
    }

    private static func answer(_ model: Model, _ tiny: TinyEncoder) throws -> Tensor {
        let parameters = ParameterStore(model.parameters, key: RandomKey(seed: 1))
        let predictor = try Predictor(model, parameters: parameters, backend: OneDNNBackend())
        return try #require(try predictor(["ids": tiny.tensor("ids")])["vector"])
    }

    private func expectClose(
        _ what: String,
        _ received: Tensor,
        _ expected: Tensor,
        _ tolerance: Tolerance = Tolerance(relative: 1e-4, absolute: 1e-5)
    ) {
        let comparison = Comparison(
            what,
            received: received,
            expected: expected,
            tolerance: tolerance
        )
        #expect(comparison.isClose, "\(comparison)")
    }

    @Test(
        arguments: [
            .frozen, .all, .lastBlocks(1), .adapters(rank: 2, alpha: 4),
        ] as [TextEncoder.Training]
    )
    func vectorsArePyTorchs(training: TextEncoder.Training) throws {
        let tiny = try TinyEncoder()
        let received = try Self.answer(Self.model(tiny, training), tiny)
        try expectClose("\(training)", received, tiny.tensor("vectors"))
    }

    @Test func textsInBulkGetTheSameVectors() throws {
        let tiny = try TinyEncoder()
        let encoder = try tiny.load()
        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend(), positionsAtOnce: 32)
        let rows = tiny.texts.map { encoder.tokenizer.encode($0).ids }
        // In several programs, and one by one.
        try expectClose("all", Tensor(embedder.embed(rows)), tiny.tensor("vectors"))
        let alone = try rows.flatMap { try embedder.embed([$0]) }
        try expectClose("alone", Tensor(alone), tiny.tensor("vectors"))
        #expect(try embedder.embed([]) == [])
    }

    /// The vectors of positions have the text's vector as their mean, brought to length 1.
    @Test func positionsInBulkMakeUpTheTextsVector() throws {
        let tiny = try TinyEncoder()
        let encoder = try tiny.load()
        let embedder = SentenceEmbedder(
            encoder,
            backend: OneDNNBackend(),
            output: .positions,
            positionsAtOnce: 32
        )
        let rows = tiny.texts.map { encoder.tokenizer.encode($0).ids }
        let states = try embedder.embed(rows)
        let width = embedder.width
        #expect(states.count == rows.reduce(0) { $0 + $1.count } * width)
        var vectors: [Float] = []
        var first = 0
        for row in rows {
            let mean = (0..<width).map { unit in
                row.indices.reduce(Float(0)) { $0 + states[(first + $1) * width + unit] }
            }
            let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
            vectors += mean.map { $0 / length }
            first += row.count
        }
        try expectClose("means", Tensor(vectors), tiny.tensor("vectors"))
    }

    /// A word has the mean of its pieces' vectors; one that does not fit has zeros.
    @Test func wordsHaveTheMeanOfTheirPieces() throws {
        let tiny = try TinyEncoder()
        let encoder = try tiny.load()
        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend(), output: .positions)
        let longest = try #require(tiny.texts.max { $0.count < $1.count })
        let words = longest.split(separator: " ").map(String.init)
        #expect(words.count > 2)
        let (ids, places, without) = encoder.tokenizer.encode(words: words)
        #expect(without == 0)
        #expect(places.map(\.count).reduce(0, +) == ids.count - 2)
        let states = try embedder.embed([ids])
        let width = embedder.width
        var expected: [Float] = []
        for place in places {
            for unit in 0..<width {
                let sum = place.reduce(Float(0)) { $0 + states[$1 * width + unit] }
                expected.append(place.isEmpty ? 0 : sum / Float(place.count))
            }
        }
        var found: [Float] = []
        #expect(try embedder.embed(words: [words]) { _, vectors in found += vectors } == 0)
        expectClose("words", Tensor(found), Tensor(expected))
        let many = Array(repeating: words, count: encoder.maximumLength).flatMap { $0 }
        var last: [Float] = []
        let leftOut = try embedder.embed(words: [many, words]) { number, vectors in
            if number == 0 { last = Array(vectors.suffix(width)) }
        }
        #expect(last == Array(repeating: 0, count: width))
        // What has no room, and what stands behind it.
        let room = encoder.maximumLength - 2
        var (used, kept) = (0, 0)
        for word in many {
            used += encoder.tokenizer.encode(word).ids.count - 2
            if used > room { break }
            kept += 1
        }
        #expect(leftOut == many.count - kept && leftOut > 0)
    }

    @Test func paddingChangesNothing() throws {
        let tiny = try TinyEncoder()
        let encoder = try tiny.load()
        let ids = try Input("ids", shape: [24], dtype: .int32)
        let model = try Model(
            inputs: [ids],
            outputs: ["vector": TextEncoder(encoder, name: "encoder")(ids)]
        )
        let predictor = try Predictor(
            model,
            parameters: ParameterStore(model.parameters, key: RandomKey(seed: 1)),
            backend: OneDNNBackend()
        )
        let wide = encoder.ids(tiny.texts, length: 24).ids
        let received = try #require(try predictor(["ids": wide])["vector"])
        try expectClose("padded", received, tiny.tensor("vectors"))
    }

    /// Gradients of every weight, in our names and layouts.
    @Test func gradientsArePyTorchs() throws {
        let tiny = try TinyEncoder()
        let model = try Self.model(tiny, .all)
        let runner = try Self.gradientRunner(model, tiny)
        let outputs = Dictionary(
            uniqueKeysWithValues: runner.outputs.map { ($0.name, $0.tensor) }
        )
        #expect(outputs.count == model.parameters.count)
        for block in 0..<2 {
            let (ours, theirs) = (
                "encoder/block_\(block + 1)/", "gradients/encoder.layer.\(block)."
            )
            for (name, source) in [
                ("hidden", "intermediate.dense"), ("output", "output.dense"),
                ("attention/output", "attention.output.dense"),
            ] {
                expectClose(
                    ours + name,
                    try #require(outputs[ours + name + "/weight"]),
                    Self.transposed(try tiny.tensor(theirs + source + ".weight"))
                )
            }
            let parts = try ["query", "key", "value"].map { part in
                try tiny.tensor(theirs + "attention.self.\(part).bias").floats
            }
            expectClose(
                ours + "bias",
                try #require(outputs[ours + "attention/projection/bias"]),
                Tensor(parts.flatMap { $0 }),
                // The gradient of the keys' bias is 0 but for rounding.
                Tolerance(relative: 1e-4, absolute: 5e-5)
            )
        }
        for (ours, theirs) in [
            ("word/weight", "word_embeddings.weight"),
            ("position/weight", "position_embeddings.weight"),
            ("segment/weight", "token_type_embeddings.weight"),
            ("normalization/scale", "LayerNorm.weight"), ("normalization/shift", "LayerNorm.bias"),
        ] {
            expectClose(
                ours,
                try #require(outputs["encoder/" + ours]),
                try tiny.tensor("gradients/embeddings." + theirs)
            )
        }
    }

    private static func gradientRunner(_ model: Model, _ tiny: TinyEncoder) throws -> CaseRunner {
        var traced = try model.trace(.training)
        let vector = traced.outputs[0].value
        let cotangent = try traced.graph.input("cotangent", traced.graph.type(of: vector))
        let states = traced.graph.graph.states
        let made = try traced.graph.gradients(
            of: [(vector, cotangent)],
            withRespectTo: states.map(\.value)
        )
        for (state, gradient) in zip(states, made) {
            switch gradient {
            case .dense(let value)?: traced.graph.output(state.name, value)
            case .rows(let rows)?:
                traced.graph.output(
                    state.name,
                    try traced.graph.densified(rows, like: state.value)
                )
            case nil: Issue.record("no gradient of \(state.name)")
            }
        }
        let store = StateStore()
        for parameter in model.parameters {
            store.set(
                parameter.name,
                parameter.initializer.tensor(shape: parameter.shape, key: RandomKey(seed: 1))
            )
        }
        let runner = try CaseRunner(
            traced.graph.graph,
            store,
            capacity: [.batch: tiny.texts.count],
            on: OneDNNBackend()
        )
        runner.set("ids", try tiny.tensor("ids"))
        runner.set("cotangent", try tiny.tensor("cotangent"))
        runner.run([.batch: tiny.texts.count])
        return runner
    }

    private static func transposed(_ tensor: Tensor) -> Tensor {
        let (rows, columns) = (tensor.shape[0], tensor.shape[1])
        let values = tensor.floats
        let turned = (0..<columns).flatMap { column in
            (0..<rows).map { values[$0 * columns + column] }
        }
        return Tensor(turned, shape: [columns, rows])
    }

    @Test func whatLearnsIsWhatWasAskedFor() throws {
        let tiny = try TinyEncoder()
        func trained(_ training: TextEncoder.Training) throws -> [String] {
            try Self.model(tiny, training).parameters.filter(\.isTrained).map(\.name)
        }
        #expect(try trained(.frozen) == [])
        #expect(try trained(.all).count == 29)
        let last = try trained(.lastBlocks(1))
        #expect(last.count == 12)
        #expect(last.allSatisfy { $0.hasPrefix("encoder/block_2/") })
        #expect(
            try trained(.adapters(rank: 2, alpha: 4)) == [
                "encoder/block_1/attention/projection/adapter_down",
                "encoder/block_1/attention/projection/adapter_up",
                "encoder/block_2/attention/projection/adapter_down",
                "encoder/block_2/attention/projection/adapter_up",
            ]
        )
    }

    @Test func positionsHaveAVectorEach() throws {
        let tiny = try TinyEncoder()
        let model = try Self.model(tiny, output: .positions)
        let width = try tiny.tensor("ids").shape[1]
        #expect(model.outputs[0].type.shape == [.batch, .fixed(width), 12])
    }

    @Test func mistakesAreSentences() throws {
        let tiny = try TinyEncoder()
        func sentence(_ training: TextEncoder.Training) -> String {
            do {
                _ = try Self.model(tiny, training)
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            sentence(.lastBlocks(3)).contains(
                "'lastBlocks' is out of range; expected from 1 to 2; received 3."
            )
        )
        #expect(
            sentence(.adapters(rank: 0, alpha: 1)).contains(
                "'rank' is out of range; expected from 1 to 12; received 0."
            )
        )
        let long = try Input("ids", shape: [25], dtype: .int32)
        #expect(throws: (any Error).self) { try TextEncoder(try tiny.load())(long) }
    }
}
