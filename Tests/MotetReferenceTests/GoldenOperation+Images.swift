import MotetGraph
import MotetTestSupport

extension GoldenOperation {
    private static func size(_ attributes: GoldenAttributes, _ name: String) -> Size2D {
        Size2D(whole(attributes, "\(name)_height"), whole(attributes, "\(name)_width"))
    }

    private static func whole(_ attributes: GoldenAttributes, _ name: String) -> Int {
        Int(attributes.number(name) ?? 0)
    }

    private static func padding(_ attributes: GoldenAttributes) -> Padding2D {
        Padding2D(
            top: whole(attributes, "top"),
            left: whole(attributes, "left"),
            bottom: whole(attributes, "bottom"),
            right: whole(attributes, "right")
        )
    }

    /// `x * w + b`.
    init(convolution attributes: GoldenAttributes) {
        let operation = Convolution2D(
            strides: Self.size(attributes, "stride"),
            padding: Self.padding(attributes),
            dilations: Self.size(attributes, "dilation"),
            groups: Self.whole(attributes, "groups")
        )
        self.init(["image", "weight", "bias"]) { graph, values in
            let product = try graph.apply(operation, values[0], values[1])
            return [try graph.apply(AddBias(), product, values[2])]
        }
    }

    /// The greatest or the mean of windows.
    init(pooling name: String, _ attributes: GoldenAttributes) {
        let window = PoolingWindow(
            Self.size(attributes, "window"),
            strides: Self.size(attributes, "stride"),
            padding: Self.padding(attributes)
        )
        self.init(["image"]) { graph, values in
            name == "max_pooling"
                ? [try graph.add(MaxPooling2D(window), values)[0]]
                : try graph.add(AveragePooling2D(window), values)
        }
    }

    /// Pooling over the steps of a mask.
    init(maskedPooling name: String) {
        self.init(["input", "mask"]) { graph, values in
            name == "masked_max"
                ? [try graph.add(MaskedMax(), values)[0]] : try graph.add(MaskedMean(), values)
        }
    }

    /// A loss of boxes.
    init(boxLoss name: String, _ attributes: GoldenAttributes) {
        let kinds: [String: BoxLossKind] = [
            "box_huber": .huber(delta: Float(attributes.number("delta") ?? 0)), "iou_loss": .iou,
        ]
        let kind = kinds[name] ?? .giou
        self.init(["box", "label", "weights"]) { graph, values in
            [try graph.add(BoxLoss(kind), values)[0]]
        }
    }
}
