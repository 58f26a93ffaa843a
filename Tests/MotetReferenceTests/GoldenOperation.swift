import MotetCore
import MotetGraph
import MotetTestSupport
import Testing

/// The operations of ours that compute what a golden case computed.
struct GoldenOperation {
    /// The inputs by their names in the golden file, in the order `build` reads them.
    let inputs: [String]
    /// Whether our operation has a gradient.
    var isDifferentiable = true
    /// Builds the operations.
    let build: OperationCase.Build

    init(_ attributes: GoldenAttributes) throws {
        let name = try #require(attributes.text("op"))
        let epsilon = Float(attributes.number("epsilon") ?? 0)
        switch name {
        case "matmul":
            let operation = MatMul(
                transposeLeft: attributes.isTrue("transpose_left"),
                transposeRight: attributes.isTrue("transpose_right")
            )
            self.init(["left", "right"], operation)
        case "batched_matmul": self.init(["left", "right"], StackedMatMul(sources: [0, 1, 2]))
        case "linear": self.init(activation: attributes.text("activation") ?? "none")
        case "prelu": self.init(["input", "slope"], PReLU())
        case "softmax": self.init(["input"], Softmax())
        case "logarithm": self.init(["input"], Logarithm())
        case "expert_mixture":
            self.init(["weights", "experts"]) { graph, values in
                let shape = graph.shape(of: values[0])
                let gates = try graph.apply(Reshape([1, shape[0], shape[1]]), values[0])
                let selections = [Array(0..<(shape[1].fixedSize ?? 0))]
                return [try graph.apply(Mixture(selections: selections), gates, values[1])]
            }
        case "attention": self.init(attention: attributes)
        case "embedding_gather": self.init(["table", "ids"], EmbeddingLookup())
        case "pooled_embedding_sum": self.init(["table", "ids", "offsets"], PooledEmbedding(.sum))
        case "pooled_embedding_mean":
            self.init(["table", "ids", "offsets"], PooledEmbedding(.mean))
        case "layer_norm":
            self.init(["input", "scale", "shift"], LayerNormalization(epsilon: epsilon))
        case "batch_norm_training":
            self.init(["input", "scale", "shift"], BatchNormalization(epsilon: epsilon))
        case "batch_norm_inference":
            self.init(
                ["input", "scale", "shift", "running_mean", "running_variance"],
                BatchNormalizationInference(epsilon: epsilon)
            )
            isDifferentiable = false
        case "grouped_batch_norm":
            self.init(
                ["input", "scale", "shift", "offsets"],
                GroupedNormalization(epsilon: epsilon)
            )
        case "stop_gradient":
            self.init(["input"]) { graph, values in
                let constant = try graph.apply(StopGradient(), values[0])
                return [try graph.apply(Arithmetic(.multiply), values[0], constant)]
            }
        case "crf":
            self.init(
                ["emissions", "transitions", "start", "end", "labels", "weights"],
                CRFLogLikelihood()
            )
        case "in_batch_softmax":
            self.init(
                ["users", "items", "ids", "log_probabilities", "weights"],
                InBatchSoftmax(
                    scale: Float(attributes.number("scale") ?? 0),
                    masksRepeats: attributes.isTrue("masks_repeats")
                )
            )
        case "lstm", "gru": self.init(recurrence: name, attributes)
        case "convolution": self.init(convolution: attributes)
        case "max_pooling", "average_pooling": self.init(pooling: name, attributes)
        case "masked_mean", "masked_max": self.init(maskedPooling: name)
        case "box_huber", "iou_loss", "giou_loss": self.init(boxLoss: name, attributes)
        default:
            self.init(["input"], Activation(try Self.activation(name, attributes)))
        }
    }

    private init(_ inputs: [String], _ operation: some Operation) {
        self.init(inputs) { graph, values in try graph.add(operation, values) }
    }

    init(_ inputs: [String], _ build: @escaping OperationCase.Build) {
        self.inputs = inputs
        self.build = build
    }

    /// Attention, with a mask or without.
    private init(attention attributes: GoldenAttributes) {
        let operation = Attention(
            heads: Int(attributes.number("heads") ?? 0),
            isCausal: attributes.isTrue("is_causal")
        )
        let mask = attributes.isTrue("has_mask") ? ["mask"] : []
        self.init(["queries", "keys", "values"] + mask, operation)
    }

    /// `f(x W + b)`.
    private init(activation: String) {
        self.init(["input", "weight", "bias"]) { graph, values in
            let product = try graph.apply(MatMul(), values[0], values[1])
            let biased = try graph.apply(AddBias(), product, values[2])
            switch activation {
            case "none": return [biased]
            case "relu": return [try graph.apply(Activation(.relu), biased)]
            case "sigmoid": return [try graph.apply(Activation(.sigmoid), biased)]
            default: throw UnknownGolden(name: activation)
            }
        }
    }

    private static func activation(
        _ name: String,
        _ attributes: GoldenAttributes
    ) throws -> ActivationKind {
        switch name {
        case "relu": .relu
        case "leaky_relu": .leakyReLU(slope: Float(attributes.number("slope") ?? 0))
        case "sigmoid": .sigmoid
        case "tanh": .tanh
        case "softplus": .softplus
        case "gelu": .gelu
        case "swish": .swish
        default: throw UnknownGolden(name: name)
        }
    }

    /// Builds the loss of a golden case over `(logits, labels, weights)`.
    static func loss(
        _ attributes: GoldenAttributes,
        _ inputs: [Value],
        _ graph: inout GraphBuilder
    ) throws -> Value {
        func number(_ name: String) -> Float { Float(attributes.number(name) ?? -1) }
        let kind: PointwiseLossKind
        switch attributes.text("op") ?? "" {
        case "binary_cross_entropy": kind = .binaryCrossEntropy
        case "focal": kind = .focal(gamma: number("gamma"), alpha: number("alpha"))
        case "mean_squared_error": kind = .squaredError
        case "mean_absolute_error": kind = .absoluteError
        case "huber": kind = .huber(delta: number("delta"))
        case "poisson": kind = .poisson
        case "fake_negative_weighted": kind = .fakeNegativeWeighted
        case "quantile": kind = .quantile(tau: number("quantile"))
        case "categorical_cross_entropy":
            let targets = ClassTargets(
                smoothing: Float(attributes.number("smoothing") ?? 0),
                classWeights: (attributes.numbers("class_weights") ?? []).map { Float($0) }
            )
            return try graph.add(CategoricalCrossEntropy(targets), inputs)[0]
        case let name: throw UnknownGolden(name: name)
        }
        return try graph.add(PointwiseLoss(kind), inputs)[0]
    }
}

/// A golden case nothing of ours corresponds to.
struct UnknownGolden: Error { let name: String }
