public import MotetCore

/// What an input of a batch holds; each kind has one element type and shape.
public enum BatchInputKind: Hashable, Sendable {
    /// `[B, width]` floats.
    case floats(width: Int)
    /// `[B, width]` integers, or `[B]` where the width is 1.
    case integers(width: Int)
    /// `[N]` integers, the values of all rows one after the other.
    case raggedIntegers
    /// `[N]` floats, the values of all rows one after the other.
    case raggedFloats
    /// `[B+1]` integers: row `r` has the values `offsets[r] ..< offsets[r + 1]` of the batch.
    case raggedOffsets
    /// `[S+2]` integers for `S` scenarios: scenario `s` has the rows `offsets[s] ..< offsets[s + 1]`
    /// of the batch, and unknown scenarios the rows of group `S`.
    case scenarioOffsets(scenarios: Int)
}

/// An input of every batch.
public struct BatchInput: Hashable, Sendable {
    /// The input's name: the column's, with `.values` and `.offsets` for ragged columns, or
    /// `scenario_offsets`.
    public let name: String
    /// The column it is made from.
    public let column: String
    /// What it holds.
    public let kind: BatchInputKind

    /// The name of the input that tells where each scenario's rows are.
    public static let scenarioOffsetsName = "scenario_offsets"

    /// The number of values of a ragged column in a batch: `N.<column>`.
    public static func valueCount(ofColumn column: String) -> SizeSymbol {
        SizeSymbol("N.\(column)")
    }

    /// The element type.
    public var dtype: DType {
        switch kind {
        case .floats, .raggedFloats: .float32
        case .integers, .raggedIntegers, .raggedOffsets, .scenarioOffsets: .int32
        }
    }

    /// The shape, in the sizes of a batch.
    public var shape: Shape {
        switch kind {
        case .floats(let width): [.batch, .fixed(width)]
        case .integers(let width): width == 1 ? [.batch] : [.batch, .fixed(width)]
        case .raggedIntegers, .raggedFloats: [.symbol(BatchInput.valueCount(ofColumn: column))]
        case .raggedOffsets: [.symbol(.batch, offset: 1)]
        case .scenarioOffsets(let scenarios): [.fixed(scenarios + 2)]
        }
    }
}
