public import Motet

/// A model that is asked what a scene shows, whether it shows anything, and where.
///
/// Convolutions that all questions share, a convolution and a dense layer for what it is, the same for where
/// it is, and a head for each question that is asked. `ClassificationAndDetection` and `TrainingOrder` train it.
///
/// - Shapes: `B` batch, `S` the side of a scene, `C` channels, `K` classes, `F` filters
///   - input `image` `[B, S, S, C]`, from 0 to 1
///   - outputs `class` `[B, K]` and `object` `[B, 1]`, logits; `box` `[B, 4]`, left, top, right and bottom in
///     shares of the picture
public struct SceneModel: Sendable {
    /// The questions.
    public static let questions = ["class", "object", "box"]

    /// The channels of the pictures.
    public let channels: Int
    /// How many classes there are.
    public let classes: Int
    /// By this all widths are scaled: the filters of the first convolution, unless the trunk is wider.
    public var filters = 16
    /// The filters of the first convolution where the shared ones are wider than the branches; nil for
    /// `filters`.
    public var trunkFilters: Int?
    /// The factor of the loss of the box.
    public var boxWeight: Float = 2

    /// Describes a model.
    ///
    /// - Parameters:
    ///   - channels: the channels of the pictures, 1 or 3.
    ///   - classes: how many classes there are.
    public init(channels: Int, classes: Int) {
        self.channels = channels
        self.classes = classes
    }

    /// Describes a model for scenes composed of a collection.
    ///
    /// - Parameter collection: the products, labelled with their class.
    /// - Throws: `DatasetError` when they are not.
    public init(_ collection: PictureCollection) throws {
        self.init(
            channels: collection.pictures.channels,
            classes: try collection.label("class").classes.count
        )
    }

    /// The model with the heads of some questions.
    ///
    /// - Parameter tasks: some of the ``questions``.
    /// - Returns: the model.
    /// - Throws: `GraphError` when it has no head.
    public func model(_ tasks: [String]) throws -> Model {
        let image = try Input("image", shape: [Scenes.side, Scenes.side, channels])
        func convolution(_ width: Int, _ name: String? = nil) -> Conv2D {
            Conv2D(width, kernelSize: 3, padding: .same, activation: .relu, name: name)
        }
        let width = trunkFilters ?? filters
        let first = Conv2D(width, kernelSize: 5, strides: 2, padding: .same, activation: .relu)
        var trunk = try MaxPooling2D()(first(image))
        for factor in [2, 4] {
            trunk = try MaxPooling2D()(convolution(factor * width)(trunk))
        }
        // The trunk is [B, 4, 4, 4 F], with its own F.
        func branch(_ name: String) throws -> SymbolicTensor {
            let features = try convolution(4 * filters, "\(name)_features")(trunk)
            return try Dense(8 * filters, activation: .relu, name: name)(Flatten()(features))
        }
        let (what, place) = (try branch("what"), try branch("where"))
        let heads = [
            ("class", try Dense(classes, name: "class")(what)),
            ("object", try Dense(1, name: "object")(place)),
            ("box", try BoxCorners()(Dense(4, activation: .sigmoid, name: "box")(place))),
        ]
        return try Model(inputs: [image], outputs: heads.filter { tasks.contains($0.0) })
    }

    /// A model with the heads of some questions, ready to learn.
    ///
    /// - Parameters:
    ///   - tasks: some of the ``questions``.
    ///   - optimizer: how it learns.
    ///   - seed: the seed of its first parameters, of the order of rows and of dropout.
    /// - Returns: the trainer.
    /// - Throws: as ``model(_:)``.
    public func trainer(
        _ tasks: [String],
        optimizer: Optimizer,
        seed: UInt64
    ) throws -> Trainer {
        try Trainer(
            model(tasks),
            optimizer: optimizer,
            tasks: objectives.filter { tasks.contains($0.name) },
            seed: seed,
            backend: OneDNNBackend()
        )
    }

    /// What each question wants; the class and the box are asked for where there is a product.
    private var objectives: [NamedTask] {
        [
            NamedTask("class", .multiclass()),
            NamedTask("object", .binary(metrics: [.auc])),
            NamedTask("box", .regression(loss: .giou, weight: boxWeight, metrics: [.meanIoU])),
        ]
    }
}
