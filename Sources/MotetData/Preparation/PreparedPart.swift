import Foundation

/// Writes a part as a prepared data set.
struct PreparedPart {
    let dataset: PreparedDataset
    let encoding: PartEncoding

    init(_ context: PartContext, path: String, contentKey: String, _ meter: ProgressMeter) throws {
        let encoding = try PartEncoding(context)
        let writer = try PreparedDatasetWriter(
            path: path,
            columns: encoding.outputs.map { PreparedColumn(name: $0.name, kind: $0.kind) },
            contentKey: contentKey
        )
        try encoding.run(meter) { index, block in
            switch block {
            case .floats(let floats):
                try writer.append(UnsafeBufferPointer(floats), to: index)
            case .integers(let integers):
                try writer.append(UnsafeBufferPointer(integers), to: index)
            case .lists(let values, let offsets):
                try writer.append(
                    UnsafeBufferPointer(values),
                    offsets: UnsafeBufferPointer(offsets),
                    to: index
                )
            }
        }
        dataset = try writer.finish()
        self.encoding = encoding
    }

    /// The texts of the kept columns, by column.
    var kept: [String: Vocabulary] {
        var kept: [String: Vocabulary] = [:]
        for column in encoding.context.schema.keep {
            for case let output as NumberedOutput in encoding.outputs
            where output.name == "keep/" + column {
                kept[column] = output.values()
            }
        }
        return kept
    }
}
