import CKernels

/// The columns of one part, ready to be encoded block by block.
struct PartEncoding {
    let context: PartContext
    let outputs: [any OutputColumn]

    /// Rows encoded at a time.
    static let blockRows = 1 << 16

    init(_ context: PartContext) throws {
        self.context = context
        let schema = context.schema
        var outputs: [(any OutputColumn)?] = []
        for feature in schema.features where !feature.isFloat {
            switch feature.kind {
            case .categorical: outputs.append(try CategoricalOutput(feature, context))
            case .sequence: outputs.append(try SequenceOutput(feature, context))
            case .numeric: outputs.append(BinOutput(feature, context))
            }
        }
        outputs.append(NumericOutput(context))
        for label in schema.labels { outputs.append(LabelOutput(label, context)) }
        outputs.append(WeightOutput(context))
        outputs.append(ScenarioOutput(context))
        if let group = schema.group {
            outputs.append(NumberedOutput("group", column: group, context))
        }
        outputs.append(RowOutput(context))
        for column in schema.keep {
            outputs.append(NumberedOutput("keep/" + column, column: column, context))
        }
        self.outputs = outputs.compactMap { $0 }
    }

    /// Encodes all rows and hands each block of an output to `write`, with the output's index; several
    /// outputs at the same time, the blocks of each in order.
    func run(
        _ meter: ProgressMeter,
        _ write: (Int, OutputBlock) throws -> Void
    ) throws {
        let count = context.rows.count
        // The numbers take by far the longest; the other thread does the rest meanwhile.
        let order =
            outputs.indices.filter { outputs[$0] is NumericOutput }
            + outputs.indices.filter { !(outputs[$0] is NumericOutput) }
        for start in stride(from: 0, to: count, by: Self.blockRows) {
            let range = start..<min(start + Self.blockRows, count)
            try inParallel(outputs.count) { place in
                let index = order[place]
                try outputs[index].encode(range)
                try write(index, outputs[index].block)
            }
            meter.add(range.count)
        }
    }

    /// Adds what the encoding met to a report.
    func note(in report: inout PreparationReport) {
        let part = context.part.rawValue
        func entry(_ name: String, _ count: Int) -> PreparationReport.Entry {
            .init(rule: name, part: part, changed: count, dropped: 0)
        }
        for output in outputs {
            if output is CategoricalOutput || output is SequenceOutput
                || (output is ScenarioOutput && output.tally.unknown > 0)
            {
                report.unknownValues.append(entry(output.name, Int(output.tally.unknown)))
            }
            if output is CategoricalOutput || output is SequenceOutput || output is BinOutput
                || output is LabelOutput || (output is ScenarioOutput && output.tally.missing > 0)
            {
                report.missingValues.append(entry(output.name, Int(output.tally.missing)))
            }
            if let numeric = output as? NumericOutput {
                for feature in context.schema.features where feature.isFloat {
                    report.missingValues.append(
                        entry(feature.name, numeric.missing[feature.name] ?? 0)
                    )
                }
            }
        }
    }
}
