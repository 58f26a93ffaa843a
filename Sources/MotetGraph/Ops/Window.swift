import MotetCore

/// A height and a width: of a kernel, of a window, of the steps it moves by.
public struct Size2D: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Rows of an image.
    public var height: Int
    /// Columns of an image.
    public var width: Int

    /// Creates a size.
    public init(_ height: Int, _ width: Int) {
        self.height = height
        self.width = width
    }

    /// The size as it stands in messages: `3 x 3`.
    public var description: String { "\(height) x \(width)" }
}

/// What is added around an image, in rows and columns.
public struct Padding2D: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Rows above.
    public var top: Int
    /// Columns to the left.
    public var left: Int
    /// Rows below.
    public var bottom: Int
    /// Columns to the right.
    public var right: Int

    /// Creates a padding.
    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }

    /// The same on all four sides.
    public init(all sides: Int) {
        self.init(top: sides, left: sides, bottom: sides, right: sides)
    }

    /// The padding that makes a result of `ceil(size / stride)`; what is odd goes below and to the right.
    ///
    /// - Parameters:
    ///   - size: of the image.
    ///   - window: of the kernel or window.
    ///   - strides: steps it moves by.
    ///   - dilations: from one element of the kernel to the next.
    /// - Returns: the padding.
    public static func same(
        _ size: Size2D,
        window: Size2D,
        strides: Size2D,
        dilations: Size2D = Size2D(1, 1)
    ) -> Padding2D {
        func total(_ size: Int, _ window: Int, _ stride: Int, _ dilation: Int) -> Int {
            let steps = (size + stride - 1) / stride
            return max((steps - 1) * stride + dilation * (window - 1) + 1 - size, 0)
        }
        let rows = total(size.height, window.height, strides.height, dilations.height)
        let columns = total(size.width, window.width, strides.width, dilations.width)
        return Padding2D(
            top: rows / 2,
            left: columns / 2,
            bottom: rows - rows / 2,
            right: columns - columns / 2
        )
    }

    /// The padding as it stands in messages: `1, 1, 1, 1`, from the top anticlockwise.
    public var description: String { "\(top), \(left), \(bottom), \(right)" }
}

/// How a window moves over an image.
struct WindowSteps {
    let window: Size2D
    let strides: Size2D
    let padding: Padding2D
    let dilations: Size2D

    /// What the window spans, gaps included.
    var span: Size2D {
        Size2D(
            dilations.height * (window.height - 1) + 1,
            dilations.width * (window.width - 1) + 1
        )
    }

    /// How often it fits into an image of a size; below 1 where it does not.
    func count(in image: Size2D) -> Size2D {
        let height = image.height + padding.top + padding.bottom - span.height
        let width = image.width + padding.left + padding.right - span.width
        return Size2D(
            height < 0 ? 0 : height / strides.height + 1,
            width < 0 ? 0 : width / strides.width + 1
        )
    }
}

extension Operation {
    /// The sizes of images `[B, H, W, C]`.
    func expectImages(
        _ input: TensorType,
        _ what: String = "input"
    ) throws(GraphError) -> (size: Size2D, channels: Int) {
        try expectFloat(input, what)
        let shape = input.shape
        let sizes = shape.rank == 4 ? Shape(Array(shape.dimensions.dropFirst())).fixedSizes : nil
        guard let sizes, sizes.allSatisfy({ $0 >= 1 }) else {
            throw GraphError(
                .shapeMismatch,
                "\(Self.name): \(what) has the wrong shape; expected images [B, H, W, C]; received \(shape)."
            )
        }
        return (Size2D(sizes[0], sizes[1]), sizes[2])
    }

    /// Checks steps and paddings, and that the window fits; how often it does.
    func expectFit(_ steps: WindowSteps, in image: Size2D) throws(GraphError) -> Size2D {
        let sizes = [steps.window, steps.strides, steps.dilations]
        try expect(
            sizes.allSatisfy { $0.height >= 1 && $0.width >= 1 },
            .outOfRange,
            "a size is out of range; expected at least 1; received window \(steps.window), strides \(steps.strides), dilations \(steps.dilations)."
        )
        let padding = steps.padding
        try expect(
            min(padding.top, padding.left, padding.bottom, padding.right) >= 0,
            .outOfRange,
            "'padding' is out of range; expected at least 0; received \(padding)."
        )
        let count = steps.count(in: image)
        try expect(
            count.height >= 1 && count.width >= 1,
            "the window does not fit; expected at most \(image.height + padding.top + padding.bottom) x \(image.width + padding.left + padding.right), the image with its padding; received \(steps.span)."
        )
        return count
    }
}
