public import MotetCore
public import MotetGraph

/// A column of the data that a model reads, one row for each example.
public struct Input: Sendable, TensorConvertible, ModelInput {
    /// The column's name.
    public let name: String
    /// The tensor layers are called on.
    public let tensor: SymbolicTensor

    /// Declares an input.
    ///
    /// - Parameters:
    ///   - name: the column's name in the data.
    ///   - shape: the sizes of one row; empty for a single number or id.
    ///   - dtype: the element type.
    ///   - fileID: where it is declared, for error messages.
    ///   - line: the line there.
    /// - Throws: `GraphError` when the name is empty or a size is below 1.
    public init(
        _ name: String,
        shape: [Int],
        dtype: DType = .float32,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) {
        let location = SourceLocation(fileID: fileID, line: line)
        guard !name.isEmpty else {
            throw GraphError(
                .outOfRange,
                "Input: the name is empty; expected a column's name.",
                location: location
            )
        }
        if let size = shape.first(where: { $0 < 1 }) {
            throw GraphError(
                .outOfRange,
                "Input \"\(name)\": a size is out of range; expected at least 1; received \(size).",
                location: location
            )
        }
        self.name = name
        let type = TensorType(Shape([.batch] + shape.map(Dimension.fixed)), dtype)
        tensor = InputLayer.tensor(name, type)
    }

    /// The graph inputs it stands for.
    public var tensors: [(name: String, tensor: SymbolicTensor)] { [(name, tensor)] }
}

/// A column of lists of ids, one list of any length for each row.
public struct RaggedInput: Sendable, ModelInput {
    /// The column's name.
    public let name: String
    /// The ids of all lists after one another, `[N]`.
    public let values: SymbolicTensor
    /// Where each row's list starts and ends, `[B + 1]`.
    public let offsets: SymbolicTensor

    /// Declares an input.
    ///
    /// - Parameter name: the column's name in the data.
    public init(_ name: String) {
        self.name = name
        let count = Dimension.symbol(SizeSymbol("N.\(name)"))
        values = InputLayer.tensor("\(name).values", TensorType([count], .int32))
        let rows = Dimension.symbol(.batch, offset: 1)
        offsets = InputLayer.tensor("\(name).offsets", TensorType([rows], .int32))
    }

    /// The graph inputs it stands for.
    public var tensors: [(name: String, tensor: SymbolicTensor)] {
        [("\(name).values", values), ("\(name).offsets", offsets)]
    }
}

/// Where each scenario's rows start in a batch whose rows are sorted by scenario: `[S + 1]`, int32.
public struct ScenarioOffsets: Sendable, TensorConvertible, ModelInput {
    /// The name of the input in every program.
    public static let name = "scenario_offsets"
    /// The number of scenarios, `S`.
    public let scenarioCount: Int
    /// The tensor layers are called on.
    public let tensor: SymbolicTensor

    /// Declares the input.
    ///
    /// - Parameter scenarioCount: how many scenarios there are.
    public init(scenarioCount: Int) {
        self.scenarioCount = scenarioCount
        let type = TensorType(Shape(fixed: [scenarioCount + 1]), .int32)
        tensor = InputLayer.tensor(ScenarioOffsets.name, type)
    }

    /// The graph inputs it stands for.
    public var tensors: [(name: String, tensor: SymbolicTensor)] { [(Self.name, tensor)] }
}

/// Something of the data that a model reads.
public protocol ModelInput: Sendable {
    /// The graph inputs it stands for, by name.
    var tensors: [(name: String, tensor: SymbolicTensor)] { get }
}

/// The layer at the start of every path: it stands for a graph input.
final class InputLayer: Layer {
    static let kind = "input"
    let inputName: String
    let type: TensorType
    var name: String? { inputName }

    private init(_ name: String, _ type: TensorType) {
        inputName = name
        self.type = type
    }

    static func tensor(_ name: String, _ type: TensorType) -> SymbolicTensor {
        let call = LayerCall(
            layer: InputLayer(name, type),
            inputs: [],
            types: [type],
            location: nil
        )
        return SymbolicTensor(call: call, index: 0, type: type)
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try context.graph.input(inputName, type)]
    }
}
