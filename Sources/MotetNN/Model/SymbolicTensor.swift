public import MotetCore
public import MotetGraph

/// The result of calling a layer, before there are any numbers.
public struct SymbolicTensor: Sendable {
    let call: LayerCall
    let index: Int
    /// The shape and element type; `B` stands for the rows of a batch.
    public let type: TensorType
    /// The type of its mask of steps, if it has one.
    var mask: TensorType?

    /// The shape.
    public var shape: Shape { type.shape }
}

/// Something a layer can be called on.
public protocol TensorConvertible: Sendable {
    /// The tensor it stands for.
    var tensor: SymbolicTensor { get }
}

extension SymbolicTensor: TensorConvertible {
    /// Itself.
    public var tensor: SymbolicTensor { self }
}

/// One use of a layer: what it was called on, and where.
final class LayerCall: Sendable {
    let layer: any Layer
    let inputs: [SymbolicTensor]
    let types: [TensorType]
    let location: SourceLocation?

    init(
        layer: any Layer,
        inputs: [SymbolicTensor],
        types: [TensorType],
        location: SourceLocation?
    ) {
        self.layer = layer
        self.inputs = inputs
        self.types = types
        self.location = location
    }

    /// The layer whose name and parameters the call uses.
    var namedLayer: any Layer { (layer as? PooledView)?.owner ?? layer }
}
