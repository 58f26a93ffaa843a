// Items nobody has bought yet: what a frozen pretrained sentence encoder, reading their descriptions,
// tells about who will buy them, and in what number.
//
//     swift run -c release ColdStartItems [--from FOLDER] [--seeds N]

import ExampleSupport
import Foundation
import Motet

@main
struct ColdStartItems {
    static func main() {
        ExampleProgram.run("ColdStartItems") { options in
            let files = try ExampleData.files(OnlineRetailRecipe(), options)
            let orders = try Orders(path: files.paths["lines"] ?? "")
            let encoder = try ExampleData.encoder(options)
            let vectors = try embed(orders.descriptions, encoder)
            let data = try Rows(Pairs(orders))
            print("\(data.counts)\n")
            let model = try makeModel(.both, vectors)
            print(model.summary() + "\n")
            print(try compare(data, vectors, seeds: options.seeds))
        }
    }

    /// What a model knows of items, beside their prices.
    enum Variant: String, CaseIterable {
        case neither = "prices only"
        case numbers = "item numbers"
        case descriptions = "descriptions"
        case both = "numbers and descriptions"
    }

    /// The rows: known items to learn from; known and other new ones to stop by; both to test on.
    struct Rows {
        let training, validation, known, new: PreparedDataset

        init(_ pairs: Pairs) throws {
            training = try pairs.rows(Pairs.training, of: [.known], hidesItems: true)
            validation = try pairs.rows(Pairs.validation, of: [.known, .newInValidation])
            known = try pairs.rows(Pairs.test, of: [.known])
            new = try pairs.rows(Pairs.test, of: [.new])
        }

        var counts: String {
            "rows: training \(training.rowCount), validation \(validation.rowCount), "
                + "test, known items \(known.rowCount), test, new items \(new.rowCount)"
        }
    }

    /// One vector of the frozen encoder for each item; zeros for number 0.
    static func embed(_ descriptions: [String], _ encoder: PretrainedEncoder) throws -> Tensor {
        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend())
        let texts = descriptions.dropFirst().map { encoder.tokenizer.encode($0).ids }
        let width = embedder.width
        let vectors = [Float](repeating: 0, count: width) + (try embedder.embed(texts))
        return Tensor(vectors, shape: [descriptions.count, width])
    }

    static func makeModel(_ variant: Variant, _ vectors: Tensor) throws -> Model {
        let item = try Input("item", shape: [], dtype: .int32)
        let description = try Input("description", shape: [], dtype: .int32)
        let history = RaggedInput("history")
        let numbers = try Input("numbers", shape: [Pairs.width])
        var inputs: [any ModelInput] = [numbers]
        var parts = [numbers.tensor]
        if variant == .numbers || variant == .both {
            let table = Embedding(vocabularySize: vectors.shape[0], dimension: 32, name: "items")
            let (own, past) = (try table(item), try table.pooled(history))
            parts += [own, past, try Multiply()(own, past)]
            inputs.append(item)
        }
        if variant == .descriptions || variant == .both {
            let table = Embedding(
                vocabularySize: vectors.shape[0],
                dimension: vectors.shape[1],
                initializer: .given(GivenValues(vectors)),
                name: "descriptions"
            )
            let own = try Dense(48, activation: .relu)(table(description))
            let past = try Dense(48, activation: .relu)(table.pooled(history))
            parts += [own, past, try Multiply()(own, past)]
            inputs.append(description)
        }
        if variant != .neither { inputs.append(history) }
        let shared = try Dense(64, activation: .relu, name: "shared")(Concatenate()(parts))
        return try Model(
            inputs: inputs,
            outputs: ["buys": Dense(1)(shared), "many": Dense(1)(shared)]
        )
    }

    static func makeTrainer(_ model: Model, seed: UInt64) throws -> Trainer {
        try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: tasks,
            seed: seed
        )
    }

    static let tasks: KeyValuePairs<String, TaskObjective> = [
        "buys": .binary(metrics: [.auc, .gauc]),
        "many": .binary(weight: 0.5, within: "buys", metrics: [.auc]),
    ]

    /// Trains all but the encoder's vectors, and keeps the epoch of the best validation AUC of `buys`.
    static func fit(_ trainer: Trainer, _ data: Rows, epochs: Int = 12) throws {
        var options = FitOptions(epochs: epochs, batchSize: 512, validation: data.validation)
        let isFrozen = trainer.model.parameters.contains { $0.name.hasPrefix("descriptions/") }
        let joint = TrainingPhase.joint(epochs: epochs)
        options.schedule = [isFrozen ? joint.freezing("descriptions") : joint]
        options.monitor = EarlyStopping(MetricSelector(.auc, task: "buys"), patience: 2)
        _ = try trainer.fit(data.training, options: options)
    }
}
