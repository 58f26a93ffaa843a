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
}
