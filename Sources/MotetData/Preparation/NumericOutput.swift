import CKernels

/// All numbers of a row, transformed, in one column of floats.
final class NumericOutput: OutputColumn {
    /// One feature among them.
    private struct Slot {
        let feature: FeatureSpecification
        let numbers: UnsafeMutableBufferPointer<Double>
        let fitted: FittedNumeric
        let steps: [motet_transform_step]
        /// Where its float, and its indicator, stand in a row.
        let offset: Int
        let indicator: Int?
    }

    let name = "numeric"
    let kind: PreparedKind
    private let width: Int
    private let slots: [Slot]
    private let context: PartContext
    private let memory = ReusedMemory<Float>()
    private(set) var tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))
    /// Missing values by feature.
    private(set) var missing: [String: Int] = [:]

    init?(_ context: PartContext) {
        self.context = context
        var slots: [Slot] = []
        var offset = 0
        for feature in context.schema.features where feature.isFloat {
            guard let numbers = context.table.doubles(.number(column: feature.column)),
                let fitted = context.fitted.numerics[feature.name]
            else { return nil }
            let hasIndicator = feature.missing == .ownBucket
            slots.append(
                Slot(
                    feature: feature,
                    numbers: numbers,
                    fitted: fitted,
                    steps: fitted.steps,
                    offset: offset,
                    indicator: hasIndicator ? offset + 1 : nil
                )
            )
            offset += hasIndicator ? 2 : 1
        }
        guard offset > 0 else { return nil }
        self.slots = slots
        width = offset
        kind = .float32(width: offset)
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count * width)
        for slot in slots { encode(slot, range, into: out) }
        for place in out.indices where !out[place].isFinite {
            throw notFinite(place, range, out[place])
        }
        block = .floats(out)
    }

    private func encode(
        _ slot: Slot,
        _ range: Range<Int>,
        into out: UnsafeMutableBufferPointer<Float>
    ) {
        guard let base = out.baseAddress, let numbers = slot.numbers.baseAddress else { return }
        let rows = context.rows
        let column = rows.rows == nil ? numbers + range.lowerBound : numbers
        // A missing value with a fill enters as the fill. One told to the model leaves as 0, and so
        // does one of a prediction's row that training would have dropped.
        let entersAs = slot.fitted.fill ?? 0
        let leavesAs = slot.fitted.fill == nil ? 0 : Double.nan
        motet_transform_rows(
            column,
            rows.pointer(from: range.lowerBound),
            Int64(range.count),
            entersAs,
            leavesAs,
            slot.steps,
            Int64(slot.steps.count),
            base + slot.offset,
            Int64(width),
            slot.indicator.map { base + $0 }
        )
        let absent = motet_count_missing(
            column,
            rows.pointer(from: range.lowerBound),
            Int64(range.count)
        )
        missing[slot.feature.name, default: 0] += Int(absent)
    }

    private func notFinite(_ place: Int, _ range: Range<Int>, _ result: Float) -> PreparationError {
        let index = range.lowerBound + place / width
        let slot = slots.last { $0.offset <= place % width } ?? slots[0]
        let value = slot.numbers[context.rows[index]]
        if result.isNaN || slot.feature.transforms.contains(.log1p) || slot.feature.takesLogRatio {
            return NumericFitter.logarithmError(
                slot.feature,
                value,
                at: context.place(index),
                row: context.rows[index]
            )
        }
        return context.invalid(
            "out_of_range",
            index,
            slot.feature.column,
            "too large a number; expected one that a 32-bit float can hold after the transforms; "
                + "received \(value). Give the column an allowed range."
        )
    }
}
