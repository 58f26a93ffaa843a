import CKernels

/// A column of the prepared data, made block by block from raw columns.
protocol OutputColumn: AnyObject {
    /// The name in the prepared data.
    var name: String { get }
    /// What it holds.
    var kind: PreparedKind { get }
    /// Encodes the rows `range` of the part into the column's own block.
    func encode(_ range: Range<Int>) throws
    /// The block as it was encoded.
    var block: OutputBlock { get }
    /// Missing and unknown values so far.
    var tally: motet_code_tally { get }
}

/// The encoded values of some rows.
enum OutputBlock {
    case floats(UnsafeMutableBufferPointer<Float>)
    case integers(UnsafeMutableBufferPointer<Int32>)
    /// Values end to end, and where each row's begin, with one more offset than there are rows.
    case lists(UnsafeMutableBufferPointer<Int32>, offsets: UnsafeMutableBufferPointer<Int32>)
}

/// The rows of one part, and all that is needed to encode them.
struct PartContext {
    let part: DataPart
    let table: RawTable
    let rows: RowSelection
    let data: RawData
    let fitted: FittedSchema

    var schema: Schema { fitted.schema }

    /// A row's place in the files, for messages.
    func place(_ index: Int) -> String { table.place(rows[index]) }

    /// The error of a value that breaks a rule.
    func invalid(
        _ code: String,
        _ index: Int,
        _ column: String,
        _ sentence: String
    ) -> PreparationError {
        PreparationError(
            code,
            "\(place(index)), column \"\(column)\": \(sentence)",
            row: rows[index],
            column: column
        )
    }
}

/// The ids of a categorical feature.
final class CategoricalOutput: OutputColumn {
    let name: String
    let kind: PreparedKind = .int32
    private let encoder: IDEncoder
    private let rows: RowSelection
    private let memory = ReusedMemory<Int32>()
    private(set) var tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init?(_ feature: FeatureSpecification, _ context: PartContext) throws {
        guard
            let encoder = try IDEncoder(feature, context.fitted, context.data, context.table)
        else { return nil }
        name = feature.name
        self.encoder = encoder
        rows = context.rows
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        if let base = out.baseAddress { encoder.encode(rows, range, into: base, &tally) }
        block = .integers(out)
    }
}

/// The bins of a number cut at quantiles.
final class BinOutput: OutputColumn {
    let name: String
    let kind: PreparedKind = .int32
    private let feature: FeatureSpecification
    private let context: PartContext
    private let numbers: UnsafeMutableBufferPointer<Double>
    private let fitted: FittedNumeric
    private let steps: [motet_transform_step]
    private let edges: [Double]
    private let missing: Int32
    private let memory = ReusedMemory<Int32>()
    private let doubles = ReusedMemory<Double>()
    private(set) var tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init?(_ feature: FeatureSpecification, _ context: PartContext) {
        guard let numbers = context.table.doubles(.number(column: feature.column)),
            let fitted = context.fitted.numerics[feature.name]
        else { return nil }
        name = feature.name
        self.feature = feature
        self.context = context
        self.numbers = numbers
        self.fitted = fitted
        steps = fitted.steps
        edges = fitted.edges ?? []
        missing = context.fitted.idOfMissing(feature)
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        let values = doubles.room(range.count)
        for (place, index) in range.enumerated() {
            let value = numbers[context.rows[index]]
            tally.missing += value.isNaN ? 1 : 0
            values[place] = value.isNaN ? fitted.fill ?? value : value
        }
        motet_transform(values.baseAddress, Int64(values.count), steps, Int64(steps.count))
        for place in values.indices where values[place].isNaN {
            let value = numbers[context.rows[range.lowerBound + place]]
            if !value.isNaN {
                throw NumericFitter.logarithmError(
                    feature,
                    value,
                    at: context.place(range.lowerBound + place),
                    row: context.rows[range.lowerBound + place]
                )
            }
        }
        motet_bin_rows(
            values.baseAddress,
            Int64(values.count),
            edges,
            Int64(edges.count),
            missing,
            out.baseAddress
        )
        block = .integers(out)
    }
}

/// The ids of a sequence, the last ones of a long one.
final class SequenceOutput: OutputColumn {
    let name: String
    let kind = PreparedKind.ragged
    private let lists: RawTable.RawLists
    private let rows: RowSelection
    private let table: [Int32]?
    private let keep: Int64
    private let memory = ReusedMemory<Int32>()
    private let offsetMemory = ReusedMemory<Int32>()
    private(set) var tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init?(_ feature: FeatureSpecification, _ context: PartContext) throws {
        let role = context.data.plan.role(of: feature, in: context.schema)
        guard let lists = context.table.lists(role) else { return nil }
        name = feature.name
        self.lists = lists
        rows = context.rows
        keep = Int64(feature.maximumLength ?? .max)
        table =
            role.usesDictionary
            ? try IDEncoder.table(feature, context.fitted, context.data) : nil
    }

    func encode(_ range: Range<Int>) throws {
        let offsets = offsetMemory.room(range.count + 1)
        let starts = lists.starts.elements.baseAddress
        let lengths = lists.lengths.elements.baseAddress
        let offset = rows.rows == nil ? range.lowerBound : 0
        func map(_ out: UnsafeMutablePointer<Int32>?) -> Int {
            Int(
                motet_map_lists(
                    lists.values.elements.baseAddress,
                    starts.map { $0 + offset },
                    lengths.map { $0 + offset },
                    rows.pointer(from: range.lowerBound),
                    Int64(range.count),
                    keep,
                    table,
                    out,
                    offsets.baseAddress
                )
            )
        }
        let values = memory.room(map(nil))
        _ = map(values.baseAddress)
        if table != nil {
            tally.unknown += motet_count_equal(values.baseAddress, Int64(values.count), 0)
        }
        for index in range where lists.lengths.elements[rows[index]] < 0 { tally.missing += 1 }
        block = .lists(values, offsets: offsets)
    }
}
