import MotetCore
import MotetGraph

extension OperationCase {
    /// A convolution to try: image, channels, kernel, and how it moves.
    private struct Window {
        var image = Size2D(5, 6)
        var channels = (2, 3)
        var kernel = Size2D(3, 3)
        var strides = Size2D(1, 1)
        var padding = Padding2D()
        var dilations = Size2D(1, 1)
        var groups = 1

        var operation: Convolution2D {
            Convolution2D(
                strides: strides,
                padding: padding,
                dilations: dilations,
                groups: groups
            )
        }

        var inputs: [CaseInput] {
            [
                .features(
                    "x",
                    [.batch, .fixed(image.height), .fixed(image.width), .fixed(channels.0)]
                ),
                .weight(
                    "w",
                    [
                        .fixed(kernel.height), .fixed(kernel.width), .fixed(channels.0 / groups),
                        .fixed(channels.1),
                    ]
                ),
            ]
        }

        var name: String {
            "convolution of \(image) x \(channels.0) with \(kernel) to \(channels.1), strides \(strides), padding \(padding), dilations \(dilations), groups \(groups)"
        }
    }

    /// Batches that follow one another on one executable, each of its own size.
    private static let batches: [[SizeSymbol: Int]] = [[.batch: 4], [.batch: 1], [.batch: 3]]

    private static let windows: [Window] = [
        Window(),
        Window(kernel: Size2D(1, 1)),
        Window(channels: (1, 16), padding: Padding2D(all: 1)),
        Window(image: Size2D(1, 9), kernel: Size2D(1, 3), padding: Padding2D(left: 1, right: 1)),
        Window(kernel: Size2D(2, 3), padding: Padding2D(top: 1, left: 0, bottom: 0, right: 2)),
        Window(image: Size2D(7, 8), strides: Size2D(2, 2), padding: Padding2D(all: 1)),
        Window(image: Size2D(7, 8), strides: Size2D(2, 3)),
        Window(image: Size2D(7, 8), dilations: Size2D(2, 2)),
        Window(
            image: Size2D(9, 9),
            strides: Size2D(2, 1),
            padding: Padding2D(top: 2, left: 1, bottom: 1, right: 2),
            dilations: Size2D(2, 3)
        ),
        Window(channels: (4, 6), groups: 2),
        Window(channels: (3, 6), padding: Padding2D(all: 1), groups: 3),
        Window(channels: (16, 16), strides: Size2D(2, 2), padding: Padding2D(all: 1), groups: 16),
        Window(image: Size2D(5, 5), kernel: Size2D(5, 5), padding: Padding2D(all: 2)),
    ]

    /// Shapes large enough for Winograd's algorithm, with channels that fill oneDNN's blocks and not.
    private static let winogradWindows = [
        Window(image: Size2D(8, 9), channels: (32, 32), padding: Padding2D(all: 1)),
        Window(image: Size2D(10, 10), channels: (24, 40)),
        Window(image: Size2D(4, 4), channels: (17, 17), padding: Padding2D(all: 1)),
    ]

    static let convolutions: [OperationCase] =
        windows.map { window in
            OperationCase(window.name, window.inputs, runs: batches, spare: 2) { graph, values in
                [try graph.apply(window.operation, values[0], values[1])]
            }
        }
        + winogradWindows.map { window in
            OperationCase(
                window.name,
                window.inputs,
                runs: [[.batch: 2], [.batch: 1]],
                // Hundreds of terms are summed, by Winograd's algorithm after transformations.
                tolerance: Tolerance(relative: 1e-4, absolute: 3e-4)
            ) { graph, values in [try graph.apply(window.operation, values[0], values[1])] }
        } + activatedConvolutions

    private static let activatedConvolutions = activationKinds.map { kind in
        let window = Window(padding: Padding2D(all: 1))
        return OperationCase(
            "convolution, bias and \(kind)",
            window.inputs + [.weight("b", [3])],
            runs: batches,
            isSmooth: kind.isSmooth
        ) { graph, values in
            let product = try graph.apply(window.operation, values[0], values[1])
            let biased = try graph.apply(AddBias(), product, values[2])
            return [try graph.apply(Activation(kind), biased)]
        }
    }
}
