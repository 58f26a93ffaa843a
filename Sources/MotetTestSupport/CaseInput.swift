public import MotetCore
public import MotetGraph

/// An input or state of an operation case, and how its elements are made.
public struct CaseInput: Sendable {
    /// Makes elements of a shape, given the sizes of all symbols.
    public typealias Fill = @Sendable (RandomKey, [Int], [SizeSymbol: Int]) -> Tensor

    /// What the case and its gradients call it.
    public let name: String
    /// Its type.
    public let type: TensorType
    /// Whether it is kept between runs.
    public let isState: Bool
    /// Whether its gradient is asked for.
    public let isDifferentiated: Bool
    /// Makes its elements.
    public let fill: Fill

    /// Creates an input.
    public init(
        _ name: String,
        _ type: TensorType,
        isState: Bool,
        isDifferentiated: Bool,
        fill: @escaping Fill
    ) {
        self.name = name
        self.type = type
        self.isState = isState
        self.isDifferentiated = isDifferentiated
        self.fill = fill
    }

    /// Normal numbers that change with each run and have a gradient.
    public static func features(_ name: String, _ shape: Shape) -> CaseInput {
        features(name, shape) { key, sizes, _ in TinyData.normal(sizes, key) }
    }

    /// Numbers that change with each run and have a gradient.
    public static func features(
        _ name: String,
        _ shape: Shape,
        _ fill: @escaping Fill
    ) -> CaseInput {
        CaseInput(
            name,
            TensorType(shape),
            isState: false,
            isDifferentiated: true,
            fill: fill
        )
    }

    /// Numbers that change with each run and have no gradient.
    public static func data(_ name: String, _ shape: Shape, _ fill: @escaping Fill) -> CaseInput {
        CaseInput(
            name,
            TensorType(shape),
            isState: false,
            isDifferentiated: false,
            fill: fill
        )
    }

    /// A state of normal numbers with a gradient.
    public static func weight(_ name: String, _ shape: Shape) -> CaseInput {
        weight(name, shape) { key, sizes, _ in TinyData.normal(sizes, key, scale: 0.5) }
    }

    /// A state with a gradient.
    public static func weight(_ name: String, _ shape: Shape, _ fill: @escaping Fill) -> CaseInput {
        CaseInput(name, TensorType(shape), isState: true, isDifferentiated: true, fill: fill)
    }

    /// A state without a gradient, of numbers above 0.
    public static func statistics(_ name: String, _ shape: Shape) -> CaseInput {
        CaseInput(name, TensorType(shape), isState: true, isDifferentiated: false) {
            key,
            sizes,
            _ in
            TinyData.uniform(sizes, key, in: 0.25...1.5)
        }
    }

    /// Ids of a table's rows: some repeated, some outside the table on either side.
    public static func ids(_ name: String, _ shape: Shape, table rows: Int) -> CaseInput {
        integers(name, shape) { key, sizes, _ in
            let drawn = TinyData.integers(sizes, key, in: 0..<rows).integers
            let planted = drawn.indices.map { index in
                switch index % 7 {
                case 3: drawn[index - 1]
                case 5: index % 2 == 0 ? Int32(rows) : -1
                default: drawn[index]
                }
            }
            return Tensor(planted, shape: sizes)
        }
    }

    /// Integers, made anew for each run.
    public static func integers(
        _ name: String,
        _ shape: Shape,
        _ fill: @escaping Fill
    ) -> CaseInput {
        CaseInput(
            name,
            TensorType(shape, .int32),
            isState: false,
            isDifferentiated: false,
            fill: fill
        )
    }

    /// Offsets `[lists + 1]` that cut the elements of a symbol's size into lists, some empty.
    public static func offsets(
        _ name: String,
        lists: SizeSymbol = .batch,
        over total: SizeSymbol
    ) -> CaseInput {
        integers(name, [.symbol(lists, offset: 1)]) { key, _, symbols in
            TinyData.offsets(lists: symbols[lists] ?? 0, total: symbols[total] ?? 0, key)
        }
    }

    /// A single number.
    public static func number(_ name: String, _ value: Float) -> CaseInput {
        data(name, []) { _, _, _ in Tensor([value], shape: []) }
    }

    /// A single whole number, the same in every run.
    public static func step(_ name: String, _ value: Int32) -> CaseInput {
        integers(name, []) { _, _, _ in Tensor([value], shape: []) }
    }
}
