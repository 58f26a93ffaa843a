import ExampleSupport
import Motet

extension TrainingOrder {
    /// The model of ClassificationAndDetection: shared convolutions, and a head for each task.
    func trainer(_ tasks: [NamedTask], seed: UInt64) throws -> Trainer {
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
        let features = try Flatten()(trunk)
        let what = try Dense(8 * filters, activation: .relu)(features)
        let place = try Dense(8 * filters, activation: .relu)(features)
        let heads = [
            ("class", try Dense(classes)(what)), ("object", try Dense(1)(place)),
            ("box", try BoxCorners()(Dense(4, activation: .sigmoid)(place))),
        ]
        return try Trainer(
            Model(
                inputs: [image],
                outputs: heads.filter { head in tasks.contains { $0.name == head.0 } }
            ),
            optimizer: .adam(learningRate: 2e-3),
            tasks: tasks,
            seed: seed,
            backend: OneDNNBackend()
        )
    }
}
