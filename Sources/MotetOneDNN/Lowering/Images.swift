import CKernels
import MotetCore
import MotetGraph

/// Pooling, frames around images, and dropout of channels.
enum ImageLowering {
    /// The window over images of `batch` rows.
    private static func window(
        _ window: PoolingWindow,
        image: Value,
        pooled: Value,
        _ context: LoweringContext
    ) -> motet_window {
        func size(_ value: Value, _ axis: Int) -> Int64 {
            Int64(context.shape(value)[axis].fixedSize ?? 0)
        }
        return motet_window(
            batch: 0,
            height: size(image, 1),
            width: size(image, 2),
            channels: size(image, 3),
            out_height: size(pooled, 1),
            out_width: size(pooled, 2),
            window_height: Int64(window.size.height),
            window_width: Int64(window.size.width),
            stride_height: Int64(window.strides.height),
            stride_width: Int64(window.strides.width),
            top: Int64(window.padding.top),
            left: Int64(window.padding.left)
        )
    }

    static func maxPooling(
        _ operation: MaxPooling2D,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result, place) = (node.inputs[0], node.outputs[0], node.outputs[1])
        let shape = window(operation.window, image: input, pooled: result, context)
        // Programs that only answer never read the places.
        let isRead =
            context.graph.nodes.contains { $0.inputs.contains(place) }
            || context.graph.outputs.contains { $0.value == place }
        return KernelInstruction(node, [context.shape(input)[0]]) { memory, sizes in
            var window = shape
            window.batch = Int64(sizes[0])
            motet_max_pooling(
                &window,
                memory.floats(input),
                memory.floats(result),
                isRead ? memory.integers(place) : nil
            )
        }
    }

    static func maxPoolingGradient(
        _ operation: MaxPooling2DGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, place, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let shape = window(operation.window, image: result, pooled: upstream, context)
        return KernelInstruction(node, [context.shape(upstream)[0]]) { memory, sizes in
            var window = shape
            window.batch = Int64(sizes[0])
            motet_max_pooling_gradient(
                &window,
                memory.floats(upstream),
                memory.integers(place),
                memory.floats(result)
            )
        }
    }

    static func averagePooling(
        _ operation: AveragePooling2D,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let shape = window(operation.window, image: input, pooled: result, context)
        return KernelInstruction(node, [context.shape(input)[0]]) { memory, sizes in
            var window = shape
            window.batch = Int64(sizes[0])
            motet_average_pooling(&window, memory.floats(input), memory.floats(result))
        }
    }

    static func averagePoolingGradient(
        _ operation: AveragePooling2DGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, result) = (node.inputs[0], node.outputs[0])
        let shape = window(operation.window, image: result, pooled: upstream, context)
        return KernelInstruction(node, [context.shape(upstream)[0]]) { memory, sizes in
            var window = shape
            window.batch = Int64(sizes[0])
            motet_average_pooling_gradient(
                &window,
                memory.floats(upstream),
                memory.floats(result)
            )
        }
    }

    /// Padding and cropping: the smaller images, and what lies around them in the larger.
    private static func frame(
        _ padding: Padding2D,
        inner: Value,
        _ context: LoweringContext
    ) -> motet_frame {
        let sizes = context.shape(inner).dimensions.map { Int64($0.fixedSize ?? 0) }
        return motet_frame(
            batch: 0,
            height: sizes[1],
            width: sizes[2],
            channels: sizes[3],
            top: Int64(padding.top),
            left: Int64(padding.left),
            bottom: Int64(padding.bottom),
            right: Int64(padding.right)
        )
    }

    static func pad(
        _ operation: Pad2D,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let shape = frame(operation.padding, inner: input, context)
        return KernelInstruction(node, [context.shape(input)[0]]) { memory, sizes in
            var frame = shape
            frame.batch = Int64(sizes[0])
            motet_pad(&frame, memory.floats(input), memory.floats(result))
        }
    }

    static func crop(
        _ operation: Crop2D,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        let shape = frame(operation.frame, inner: result, context)
        return KernelInstruction(node, [context.shape(input)[0]]) { memory, sizes in
            var frame = shape
            frame.batch = Int64(sizes[0])
            motet_crop(&frame, memory.floats(input), memory.floats(result))
        }
    }

    static func spatialDropout(
        _ operation: SpatialDropout,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (input, step, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let shape = context.shape(input)
        let middle = shape.dimensions.dropFirst().dropLast().map { $0.fixedSize ?? 0 }
        let inner = Int64(middle.reduce(1, *))
        let channels = Int64(context.width(input))
        return KernelInstruction(node, [shape[0]]) { memory, sizes in
            let key = operation.key.split(Int(memory.integers(step)[0]))
            motet_spatial_dropout(
                memory.floats(input),
                operation.rate,
                key.value,
                memory.floats(result),
                Int64(sizes[0]),
                inner,
                channels
            )
        }
    }
}
