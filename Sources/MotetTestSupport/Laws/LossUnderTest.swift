public import MotetCore
public import MotetGraph
public import MotetNN

/// A loss with its gradient, however they are computed.
///
/// Law checkers judge this rather than a loss, so that a planted fault can stand in for one.
public struct LossUnderTest {
    /// Rows a loss is measured on.
    public struct Rows {
        /// The model's outputs, `[B, 1]` or `[B, C]`.
        public var outputs: Tensor
        /// A label for each row, or the numbers of one.
        public var labels: [Float]
        /// A weight for each row.
        public var weights: [Float]

        /// Creates rows; each has the weight 1 unless given.
        public init(_ outputs: Tensor, _ labels: [Float], weights: [Float]? = nil) {
            self.outputs = outputs
            self.labels = labels
            self.weights = weights ?? Array(repeating: 1, count: outputs.shape[0])
        }

        /// Some of the rows, in the order given.
        public func rows(_ rows: [Int]) -> Rows {
            let width = labels.count / weights.count
            return Rows(
                outputs.rows(rows),
                rows.flatMap { labels[width * $0..<width * ($0 + 1)] },
                weights: rows.map { weights[$0] }
            )
        }
    }

    /// What is measured.
    public struct Measured {
        /// The weighted mean.
        public var loss: Float
        /// The sum of weights.
        public var weightSum: Float
        /// The gradient of the mean with respect to the outputs.
        public var gradient: Tensor

        /// Creates a measurement.
        public init(loss: Float, weightSum: Float, gradient: Tensor) {
            self.loss = loss
            self.weightSum = weightSum
            self.gradient = gradient
        }
    }

    /// The name in messages.
    public let name: String
    /// The loss it claims to be.
    public let loss: Loss
    /// The numbers in a row of outputs.
    public let width: Int
    /// Measures rows.
    public let measure: (Rows) throws -> Measured

    /// Stands something else in for a loss.
    public init(
        _ name: String,
        _ loss: Loss,
        measure: @escaping (Rows) throws -> Measured
    ) {
        self.name = name
        self.loss = loss
        width = loss.isCategorical ? 5 : loss.labelWidth
        self.measure = measure
    }

    /// The loss as a backend computes it.
    public init(_ loss: Loss, on backend: any Backend) {
        self.init("\(loss) on \(backend.name)", loss) { rows in
            try Self.run(loss, rows, on: backend)
        }
    }

    private static func run(
        _ loss: Loss,
        _ rows: Rows,
        on backend: any Backend
    ) throws -> Measured {
        var builder = GraphBuilder()
        let output = builder.constant(rows.outputs)
        let made = try loss.apply(
            output: output,
            labels: builder.constant(
                Tensor(
                    rows.labels,
                    shape: loss.labelWidth == 1
                        ? [rows.labels.count] : [rows.weights.count, loss.labelWidth]
                )
            ),
            weights: builder.constant(Tensor(rows.weights)),
            in: &builder
        )
        builder.output("loss", made.loss)
        builder.output("sum", made.weightSum)
        let one = builder.constant(Tensor([Float(1)], shape: []))
        let gradients = try builder.gradients(
            of: [(value: made.loss, gradient: one)],
            withRespectTo: [output]
        )
        if case .dense(let gradient)? = gradients[0] { builder.output("gradient", gradient) }
        let executable = try backend.compile(
            builder.graph,
            states: StateStore(),
            capacity: [:]
        )
        executable.run()
        guard let value = executable.tensor("loss")?.floats[0],
            let sum = executable.tensor("sum")?.floats[0],
            let gradient = executable.tensor("gradient")
        else { throw Incomplete() }
        return Measured(
            loss: value,
            weightSum: sum,
            gradient: Tensor(gradient.floats, shape: rows.outputs.shape)
        )
    }

    private struct Incomplete: Error {}

    /// Rows of random outputs and labels as the loss wants them.
    ///
    /// Real labels and outputs are multiples of 1/4 with an odd eighth between them: small differences cross
    /// no kink.
    ///
    /// - Parameters:
    ///   - count: how many rows.
    ///   - key: the seed.
    /// - Returns: rows of weight 1.
    public func rows(_ count: Int, _ key: RandomKey) -> Rows {
        if loss.labelWidth == 4 { return boxes(count, key) }
        let outputs = TinyData.normal([count, width], key.split("outputs"))
            .mapped { (min(max($0, -2.5), 2.5) * 4).rounded() / 4 }
        let bound = loss.isCategorical ? width : loss.isBinary ? 2 : loss == .poisson ? 6 : 9
        let drawn = TinyData.integers([count], key.split("labels"), in: 0..<bound).integers
        let isReal = !loss.isCategorical && !loss.isBinary && loss != .poisson
        return Rows(outputs, drawn.map { isReal ? Float($0) / 2 - 2.125 : Float($0) })
    }

    /// Rows of boxes, most of which meet.
    private func boxes(_ count: Int, _ key: RandomKey) -> Rows {
        func drawn(_ name: String, _ shift: Float) -> [Float] {
            let numbers = TinyData.integers([4 * count], key.split(name), in: 0..<4).floats
            return (0..<count).flatMap { row -> [Float] in
                let (x, y) = (numbers[4 * row] / 2 + shift, numbers[4 * row + 1] / 2 + shift)
                let (width, height) = (numbers[4 * row + 2] / 2, numbers[4 * row + 3] / 2)
                return [x, y, x + width + 0.75, y + height + 0.75]
            }
        }
        return Rows(Tensor(drawn("outputs", 0.125), shape: [count, 4]), drawn("labels", 0))
    }
}
