import ExampleSupport
import Motet

extension ClassificationAndDetection {
    /// Convolutions that all tasks share, a layer for what it is and one for where it is, and a head for
    /// each task that is asked for.
    func model(_ tasks: [String]) throws -> Model {
        let image = try Input(
            "image",
            shape: [Scenes.side, Scenes.side, measured.pictures.channels]
        )
        var trunk = try Conv2D(
            filters,
            kernelSize: 5,
            strides: 2,
            padding: .same,
            activation: .relu
        )(
            image
        )
        for width in [2 * filters, 4 * filters, 4 * filters] {
            trunk = try MaxPooling2D()(
                Conv2D(width, kernelSize: 3, padding: .same, activation: .relu)(trunk)
            )
        }
        let features = try Flatten()(trunk)  // [B, 4 * 4 * 4 filters]
        let what = try Dense(8 * filters, activation: .relu, name: "what")(features)
        let place = try Dense(8 * filters, activation: .relu, name: "where")(features)
        let heads = [
            ("class", try Dense(classes, name: "class")(what)),
            ("object", try Dense(1, name: "object")(place)),
            ("box", try BoxCorners()(Dense(4, activation: .sigmoid, name: "box")(place))),
        ]
        return try Model(inputs: [image], outputs: heads.filter { tasks.contains($0.0) })
    }

    /// What each task wants; the class and the box are asked for where there is a product.
    static let objectives = [
        NamedTask("class", .multiclass()),
        NamedTask("object", .binary(metrics: [.auc])),
        NamedTask("box", .regression(loss: .giou, weight: 2, metrics: [.meanIoU])),
    ]

    func trainer(_ tasks: [String], seed: UInt64) throws -> Trainer {
        let steps = epochs * ((train.rowCount + batchSize - 1) / batchSize)
        var optimizer = Optimizer.adam(learningRate: 2e-3)
        optimizer.schedule = .cosine(steps: steps)
        return try Trainer(
            model(tasks),
            optimizer: optimizer,
            tasks: Self.objectives.filter { tasks.contains($0.name) },
            seed: seed,
            backend: OneDNNBackend()
        )
    }
}
