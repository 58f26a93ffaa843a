import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTraining

/// `conv-detect`: pictures of 64 x 64 x 1 through shared convolutions of 32, 64 and 128 channels, each with
/// a pool of 2 x 2 behind it, and a dense layer of 128; a class of ten and a box.
enum ConvolutionWorkload: FixedWorkload {
    static let name = "conv-detect"
    static let batchSize = 64
    static let tables = "none"
    private static let side = 64
    private static let channels = [32, 64, 128]
    private static let hidden = 128
    private static let classes = 10

    static func trainer() throws -> Trainer {
        let image = try Input("image", shape: [side, side, 1])
        var trunk = image.tensor
        for filters in channels {
            trunk = try Conv2D(filters, kernelSize: 3, padding: .same, activation: .relu)(trunk)
            trunk = try MaxPooling2D(poolSize: 2)(trunk)
        }
        let features = try Dense(hidden, activation: .relu)(Flatten()(trunk))
        let model = try Model(
            inputs: [image],
            outputs: ["class": Dense(classes)(features), "box": Dense(4)(features)]
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: [
                NamedTask("class", .multiclass()),
                NamedTask("box", .regression(loss: .boxHuber(delta: 0.1), metrics: [])),
            ],
            seed: 1,
            backend: OneDNNBackend(choices: KernelChoices(measures: true))
        )
    }

    static func data(rows: Int) throws -> PreparedDataset {
        let key = RandomKey(seed: 2026)
        func uniform(_ name: String, _ width: Int) -> [Float] {
            let stream = key.split(name)
            return (0..<rows * width).map { Float(stream.bits($0) >> 40) * 0x1p-24 }
        }
        let labels = uniform("class", 1).map { ($0 * Float(classes)).rounded(.down) }
        return try PreparedDataset(inMemory: [
            "image": .floats(uniform("image", side * side), width: side * side),
            "label/class": .floats(labels),
            "label/box": .floats(uniform("box", 4), width: 4),
        ])
    }

    /// Floating-point operations of a training step for one row: forward, and twice that backward but for the
    /// gradient of the pictures.
    static var operations: Int {
        var (size, input, forward, first) = (side, 1, 0, 0)
        for filters in channels {
            let work = 2 * size * size * 9 * input * filters
            if first == 0 { first = work }
            forward += work
            (size, input) = (size / 2, filters)
        }
        forward += 2 * hidden * (size * size * input + classes + 4)
        return 3 * forward - first
    }
}
